"""Where everybody is in the end, and what must be true of it after every fault."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Select, select

from maverick_adapters.sql.tables import (
    candidate_verdicts,
    candidates,
    contacts,
    filter_verdicts,
    import_rejects,
    outcomes,
    page_validators,
    raw_contacts,
)
from maverick_core.pipeline.stages import Stage
from maverick_runners.stages import run_stages
from tests.chaos.checks import leaks_of, timers
from tests.chaos.pipeline.line import SLUG, Line, line_on
from tests.services.redis import running_redis

Ends = Mapping[str, Counter[tuple[Any, ...]]]

_RAW, _SAID, _WHO = raw_contacts.c, candidate_verdicts.c, candidates.c
_QUERIES: Final[Mapping[str, Select[Any]]] = {
    "raw contacts, and what the filter said": select(
        _RAW.origin_kind, _RAW.email, _RAW.full_name, _RAW.company, filter_verdicts.c.code
    ).outerjoin(filter_verdicts, filter_verdicts.c.raw_contact_id == _RAW.id),
    "rejected rows": select(import_rejects.c.row_number, import_rejects.c.code),
    "candidates, and what the provider said": select(
        _WHO.email, _SAID.verdict, _SAID.reason, _SAID.mailable
    ).outerjoin(candidate_verdicts, _SAID.candidate_id == _WHO.id),
    "contacts, and what Email Bison did": select(
        contacts.c.email, contacts.c.first_name, outcomes.c.outcome, outcomes.c.reason
    ).outerjoin(outcomes, outcomes.c.contact_id == contacts.c.id),
    "what pages are asked for with": select(page_validators.c.etag),
}


@dataclass(frozen=True, slots=True)
class Expected:
    """How a fault may end where it is not the usual way."""

    pushes: int = 2
    """How often Email Bison may be given a contact."""
    paid: int = 1
    """How often a mailbox may be paid for."""
    again: int = 2
    """How many pages may be asked for a second time, for each fault that strikes the scrape."""
    seconds: float = 45.0
    """How long recovery may take; see ``tests.chaos.checks``."""


USUAL: Final = Expected()


def ends(line: Line) -> Ends:
    """Return where everybody is, by e-mail, and how many are there."""
    with line.stage.wired.engine.connect() as connection:
        found = {
            what: Counter(tuple(row) for row in connection.execute(query))
            for what, query in _QUERIES.items()
        }
    held = Counter((email,) for email in line.stage.stub.held("Acme"))
    return {**found, "held by Email Bison": held}


@cache
def undisturbed() -> Ends:
    """Return where everybody ends when nothing strikes, in one process on SQLite."""
    with (
        tempfile.TemporaryDirectory(prefix="maverick-calm-") as folder,
        running_redis() as redis,
        line_on(redis, Path(folder), f"sqlite:///{folder}/maverick.db") as line,
    ):
        line.ask("csv_processing")
        for done in run_stages(line.stage.wired, list(Stage), [SLUG]):
            assert done.done, done
        return ends(line)


def wrong(line: Line, expected: Expected = USUAL) -> list[str]:
    """Return what is not as it must be, in words; empty when all is as if nothing had struck."""
    stage, world = line.stage, line.world
    found = _differences(ends(line), undisturbed())
    stage.run("pipeline", "audit", "--workspace", SLUG)  # fails where somebody is nowhere
    for what, most, allowed in (
        ("was pushed", max(stage.stub.pushes.values(), default=0), expected.pushes),
        ("was paid for", max(world.verifier.charged.values(), default=0), expected.paid),
    ):
        if most > allowed:
            found.append(f"somebody {what} {most} times, {allowed} allowed")
    twice = world.asked - len({visit for visit in world.sites.visits if "directory" in visit.path})
    if twice > expected.again:
        found.append(f"{twice} pages were asked for again, {expected.again} allowed")
    if (took := max(line.recoveries, default=0.0)) > expected.seconds:
        found.append(f"recovery took {took:.1f} s, {expected.seconds:g} allowed")
    return found + timers(stage) + leaks_of(stage)


def _differences(left: Ends, right: Ends) -> list[str]:
    return [
        f"{what}: {(left[what] - right[what]).total()} too many, "
        f"{(right[what] - left[what]).total()} missing: "
        f"{sorted(map(repr, (left[what] - right[what]) + (right[what] - left[what])))[:4]}"
        for what in right
        if left[what] != right[what]
    ]
