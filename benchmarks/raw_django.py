"""A list taken in with django-import-export: a resource, its rows cleaned.

As its documentation begins, each row is looked up, compared and saved by itself, so that a list may
be imported twice; all in one transaction, which is kinder to it than its default of none. With
``bulk`` it is tuned: rows are saved by the thousand, none is looked up, compared or told of.

python -m benchmarks.raw_django DATABASE FILE [bulk]
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import django
from django.conf import settings
from django.db import models
from import_export import resources
from import_export.fields import Field
from sqlalchemy import make_url
from tablib import Dataset

from benchmarks import child
from benchmarks.raw_rows import FIELDS, TABLE, is_good, make_table, whole_rows

_APP: Final = "auth"  # one that Django knows, so that the script needs no package of its own
_BATCH: Final = 1_000


def set_up(address: str) -> None:
    """Let Django have the database."""
    url = make_url(address)
    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": url.database,
                "USER": url.username or "",
                "PASSWORD": url.password or "",
                "HOST": url.host or url.query.get("host", ""),
                "PORT": url.port or "",
            }
        },
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "import_export"],
        IMPORT_EXPORT_USE_TRANSACTIONS=True,
        USE_TZ=True,
    )
    django.setup()


def resource(*, bulk: bool) -> Any:
    """Return what imports rows into the table."""
    text = {name: models.TextField() for name in FIELDS.values() if name != "email"}
    meta = type("Meta", (), {"app_label": _APP, "db_table": TABLE})
    email = models.TextField(unique=True)
    names = {"__module__": __name__, "Meta": meta, "email": email, **text}
    contact = type("Contact", (models.Model,), names)

    class Contacts(resources.ModelResource):  # type: ignore[misc]
        """Rows become contacts, each mailbox once."""

        class Meta:
            model = contact
            import_id_fields = ("email",)
            use_bulk = bulk
            batch_size = _BATCH
            force_init_instance = bulk
            skip_diff = bulk
            report_skipped = not bulk

        def __init__(self) -> None:
            super().__init__()
            self.seen: set[str] = set()
            for column, name in FIELDS.items():
                self.fields[name] = Field(name, column)

        def before_import_row(self, row: dict[str, Any], **_: Any) -> None:
            """Clean the e-mail."""
            row["Email"] = row["Email"].strip().lower()

        def skip_row(self, instance: Any, *_: Any, **__: Any) -> bool:
            """Leave out what a careful script would."""
            good = is_good(instance.email, instance.first_name) and instance.email not in self.seen
            self.seen.add(instance.email)
            return not good

    return Contacts()


def main() -> None:
    address, name, *how = sys.argv[1:]
    set_up(address)
    make_table(address)
    contacts = resource(bulk="bulk" in how)
    with child.Stopwatch() as watch:
        header, rows = whole_rows(Path(name))
        result = contacts.import_data(Dataset(*rows, headers=header), raise_errors=True)
    child.report(watch, rows=int(Path(name).stem), kept=result.totals["new"])


if __name__ == "__main__":
    main()
