"""The states of a run, and what a contact taken from a page consists of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from maverick_core.pipeline.scraping.emails import find_emails

LONGEST_FIELD: Final = 1_000  # characters; a directory's field that is longer is a page gone wrong
MAX_CLAIMS: Final = 5
"""Workers that may take a run while no page of it gets done."""
TEXT: Final = "text"
"""Under this name an item's whole text comes beside its fields."""


class RunState(StrEnum):
    """How far a run is."""

    RUNNING = "running"
    """A worker has it, or had it and died: the next one goes on where it was."""
    STOPPED = "stopped"
    """It was interrupted; the next one goes on where it was."""
    DONE = "done"
    """No page is due any more."""
    FAILED = "failed"
    """The source cannot be followed, or not one of its pages was to be had."""


OVER: Final = frozenset({RunState.DONE, RunState.FAILED})
READ: Final = frozenset({"read", "unchanged"})
"""The codes of pages that were had; any other code says why a page was not."""
NO_END: Final = f"{MAX_CLAIMS} workers took the run and none of them finished a page of it."


@dataclass(frozen=True, slots=True)
class RunCounts:
    """What a run has done so far: ``contacts`` it brought, raw ones; ``due`` pages are left."""

    pages: int = 0
    contacts: int = 0
    unchanged: int = 0
    not_read: int = 0
    due: int = 0


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How a run stands that a worker let go of; ``why`` says in words what it failed by."""

    state: RunState
    why: str
    counts: RunCounts


def verdict(counts: RunCounts) -> tuple[RunState, str]:
    """Return how a run ended that has no page due, and why in words where it failed."""
    if counts.not_read == counts.pages:
        return RunState.FAILED, "Not one page was to be had."
    return RunState.DONE, ""


def raw_rows(items: Iterable[Mapping[str, str]]) -> Iterator[dict[str, str]]:
    """Return the fields of each contact on a page.

    An item with an e-mail of its own is one contact. One without has an e-mail looked for in its
    text; every address there is a contact, with the item's other fields on the first one only:
    a name that stands beside two addresses belongs to one of them at most. An item without any
    address is a contact without: the filter says so, with the page it came from.
    """
    for item in items:
        fields = {
            name: " ".join(value.split())[:LONGEST_FIELD]
            for name, value in item.items()
            if name != TEXT and value.strip()
        }
        own = find_emails(fields.get("email", ""))
        found = own[:1] or find_emails(item.get(TEXT, ""))
        if found:
            yield {**fields, "email": found[0]}
            yield from ({"email": email} for email in found[1:])
        elif fields:
            yield fields
