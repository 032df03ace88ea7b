"""The reference pages, made from the code that they describe: ``python -m tools.reference``.

What a page says of the code is read from it; what only a person can say (what to do about a
rejected row, what a table is for) stands here in a table that a new name is missing from, so that
forgetting it is an error and not a gap.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from maverick_adapters.settings import env_example
from maverick_http.openapi.document import as_text, document
from maverick_http.resources import RESOURCES
from tools.reference import codes, commands, failures, filtering, http_api, settings, states, tables

ROOT: Final = Path(__file__).resolve().parents[2]

PAGES: Final[Mapping[str, Callable[[], str]]] = {
    ".env.example": env_example,
    "contracts/openapi.json": lambda: as_text(document(RESOURCES)),
    "docs/reference/cli.md": commands.page,
    "docs/reference/data-model.md": tables.page,
    "docs/reference/error-codes.md": codes.page,
    "docs/reference/failure-codes.md": failures.page,
    "docs/reference/filter-codes.md": filtering.page,
    "docs/reference/http-api.md": http_api.page,
    "docs/reference/reject-codes.md": failures.rejects_page,
    "docs/reference/settings.md": settings.page,
    "docs/reference/states.md": states.page,
}
"""Path from the root of the project to what makes the page's text."""


def write() -> None:
    """Write every page anew."""
    for path, page in PAGES.items():
        (ROOT / path).write_text(page(), encoding="utf-8")
