"""Contacts as they came, before anybody judged them: what every source puts on record alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol


class OriginKind(StrEnum):
    """What brings raw contacts."""

    CSV_IMPORT = "csv_import"
    SCRAPE_RUN = "scrape_run"
    MASTER_LIST = "master_list"
    """A refill, from what is known of all workspaces."""


class Origin(NamedTuple):
    """What brought a raw contact: an import or a run, by the id that it has on record."""

    kind: OriginKind
    id: int


class NewRaw(NamedTuple):
    """A contact as a source has it: nothing is cleaned, and what is not there is None.

    ``row_number`` is where it stands at its origin, as people count there; ``row_token`` is what
    the origin itself knows it by, where it knows. ``variables`` is a JSON object of custom
    variables. A person: never log one.
    """

    row_number: int
    row_token: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    full_name: str | None = None
    title: str | None = None
    company: str | None = None
    phone: str | None = None
    state: str | None = None
    line_of_business: str | None = None
    notes: str | None = None
    variables: str | None = None
    page_url: str | None = None
    fetched_at: datetime | None = None


class RawContacts(Protocol):
    """Where raw contacts go. They are appended and never changed."""

    def add_raw(
        self, workspace_id: int, origin: Origin, rows: Sequence[NewRaw], *, at: datetime
    ) -> None:
        """Append ``rows`` in their order, in one transaction; the record of an import counts them.

        They wait for the filter from then on. Of two calls for one workspace the later one's ids
        are all greater, and are seen later: whoever has read up to an id has missed none below it.
        What a database cannot hold (NUL, half a surrogate pair) is kept as U+FFFD.

        Raises:
            Missing: there is no such workspace, or the origin is no import on record.

        """
        ...
