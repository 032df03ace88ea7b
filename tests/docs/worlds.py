"""What is there before a how-to page begins: the commands that its reader has typed long ago."""

from __future__ import annotations

from typing import Final

POSTGRES: Final = "docs/how-to/use-postgresql.md"
ADDRESS_IN_PAGES: Final = "postgresql://maverick:PASSWORD@db.example/maverick"

BISON: Final = "$ maverick bison-stub --port 8025 --workspace 'Acme=1|first-token'"
BISON_WITH_A_NEW_TOKEN: Final = BISON.replace("first", "second")

WORKSPACE: Final = """
$ maverick init
$ echo 'MAVERICK_BISON_URL=http://127.0.0.1:8025' >> .env
$ maverick workspaces add acme --timezone America/New_York
$ echo '1|first-token' | maverick tokens set acme
"""

_LIST: Final = r"""
$ printf 'E-mail,First Name\n%s' > leads.csv \
>   "$(for name in ada ben cleo dana; do echo "$name@harbor.example,$name"; done)"
$ maverick import leads.csv --workspace acme --verified
$ maverick targets set acme $(TZ=America/New_York date +%Y-%m) 10
"""

_RAW_LIST: Final = _LIST.replace(" --verified", "")

BATCH: Final = f"""
{WORKSPACE}
{_LIST}
$ maverick batches create --workspace acme
"""

UPLOAD: Final = "$ maverick batches upload"

# A line of `BISON` or `BISON_WITH_A_NEW_TOKEN` runs in the second terminal.
WORLDS: Final = {
    "docs/how-to/filter-contacts.md": f"{BISON}\n{WORKSPACE}",
    "docs/how-to/import-a-list.md": f"{BISON}\n{WORKSPACE}",
    "docs/how-to/import-a-verified-list.md": f"{BISON}\n{WORKSPACE}",
    "docs/how-to/make-an-api-key.md": f"{BISON}\n{WORKSPACE}",
    "docs/how-to/refill-a-workspace.md": f"{BISON}\n{WORKSPACE}\n{_LIST}",
    "docs/how-to/replace-a-token.md": f"{BISON}\n{BATCH}\n{BISON_WITH_A_NEW_TOKEN}\n{UPLOAD}",
    "docs/how-to/requeue-failed-batches.md": (
        f"{BISON}\n{BATCH}\n{BISON_WITH_A_NEW_TOKEN}\n{UPLOAD}\n"
        "$ echo '1|second-token' | maverick tokens set acme"
    ),
    "docs/how-to/rotate-the-secret-key.md": f"{BISON}\n{WORKSPACE}",
    "docs/how-to/run-the-pipeline.md": f"{BISON}\n{WORKSPACE}\n{_RAW_LIST}",
    "docs/how-to/scrape-a-site.md": "$ maverick init",
    "docs/how-to/set-targets.md": f"{BISON}\n{WORKSPACE}",
    "docs/how-to/set-up-slack.md": f"{BISON}\n{BATCH}\n{BISON_WITH_A_NEW_TOKEN}\n{UPLOAD}",
    "docs/how-to/unstick-a-ready-batch.md": f"{BISON}\n{BATCH}",
    "docs/how-to/verify-contacts.md": f"{BISON}\n{WORKSPACE}",
}
