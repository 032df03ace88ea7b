"""Refills in memory: the list is walked by its order, and a page of it brought at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from maverick_adapters.memory.filtering import append_raw, holders_among
from maverick_adapters.memory.suppressions import suppressed_among
from maverick_adapters.memory.tables import Tables, Transactions
from maverick_adapters.memory.verification import candidates_of
from maverick_core.kernel.errors import changed_meanwhile
from maverick_core.pipeline.filtering.ports import Holder
from maverick_core.pipeline.master_fill.overlap import (
    NOWHERE,
    Elsewhere,
    Overlap,
    Standing,
    with_outcomes,
)
from maverick_core.pipeline.master_fill.ports import RefillRun
from maverick_core.pipeline.master_fill.rules import MasterContact, Place, place_of
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind
from maverick_core.suppression.rules import Match, SuppressionKind, SuppressionReason


class MemoryRefills(Transactions):
    """Satisfies ``Refills`` and ``Overlaps``."""

    def begin_refill(self, workspace_id: int, asked: int, *, by: str, at: datetime) -> RefillRun:
        """Put a run on record, or return the one that is not over."""
        with self._transaction() as tables:
            tables.workspace_row(workspace_id)
            runs = tables.master.runs
            for run in runs.values():
                if run.workspace_id == workspace_id and run.finished_at is None:
                    return run
            run = RefillRun(len(runs) + 1, workspace_id, by, at, asked, codes={})
            runs[run.id] = run
        return run

    @contextmanager
    def refill_page(self, run_id: int, *, limit: int) -> Iterator[MemoryRefillPage]:
        """Hold the whole store, and with it the page."""
        with self._transaction() as tables:
            yield MemoryRefillPage(tables, tables.master.runs[run_id], limit)

    @contextmanager
    def trial_page(
        self, workspace_id: int, *, after: Place | None, limit: int
    ) -> Iterator[MemoryTrialPage]:
        """Read the tables as they are."""
        yield MemoryTrialPage(self._tables, workspace_id, after, limit)

    def refill_runs(
        self, workspace_id: int, *, before: int | None = None, limit: int = 50
    ) -> Sequence[RefillRun]:
        """Return the runs, the newest first."""
        runs = reversed(self._tables.master.runs.values())
        return [
            run
            for run in runs
            if run.workspace_id == workspace_id and (before is None or run.id < before)
        ][:limit]

    def on_the_way(self, workspace_id: int) -> int:
        """Count what has no verdict."""
        tables = self._tables
        rows = tables.raw.contacts.items()
        unjudged = sum(
            row.workspace_id == workspace_id and id_ not in tables.raw.verdicts for id_, row in rows
        )
        verdicts = tables.verification.verdicts
        mine = candidates_of(tables, workspace_id)
        return unjudged + sum(id_ not in verdicts for id_, _ in mine)

    def overlap(self, workspace_id: int) -> Overlap:
        """Return what the workspace allows."""
        return self._tables.master.overlaps.get(workspace_id, Overlap())

    def set_overlap(
        self,
        workspace_id: int,
        overlap: Overlap,
        *,
        by: str,  # noqa: ARG002 - shown by no list of this store
        at: datetime,  # noqa: ARG002
        seen: Overlap | None = None,
    ) -> None:
        """Set it."""
        with self._transaction() as tables:
            tables.workspace_row(workspace_id)
            if seen not in {None, tables.master.overlaps.get(workspace_id, Overlap())}:
                raise changed_meanwhile()
            tables.master.overlaps[workspace_id] = overlap


class MemoryTrialPage:
    """Some of the list with what decides on them."""

    def __init__(self, tables: Tables, workspace_id: int, after: Place | None, limit: int) -> None:
        """Take the page as it stands."""
        self._tables = tables
        self._workspace_id = workspace_id
        rows = sorted(tables.master.contacts.values(), key=lambda row: _order(place_of(row)))
        behind = (row for row in rows if after is None or _order(place_of(row)) > _order(after))
        self._contacts = list(behind)[:limit]

    @property
    def contacts(self) -> Sequence[MasterContact]:
        """The next of the list."""
        return self._contacts

    @property
    def standing(self) -> Standing:
        """What is known of these at present."""
        tables = self._tables
        emails = [contact.email for contact in self._contacts]
        findings = tables.verification.findings
        bounced = {
            row.target.key
            for row in tables.raw.suppressions.values()
            if row.reason is SuppressionReason.BOUNCED and row.target.kind is SuppressionKind.EMAIL
        }
        return Standing(
            brought=frozenset(
                email for email in emails if (self._workspace_id, email) in tables.master.brought
            ),
            bounced=frozenset(bounced.intersection(emails)),
            verdicts={
                email: findings[email].finding.verdict for email in emails if email in findings
            },
            elsewhere={email: _elsewhere(tables, self._workspace_id, email) for email in emails},
        )

    def suppressed(self, emails: Collection[str]) -> Mapping[str, Match]:
        """Return who must not be written to."""
        return suppressed_among(self._tables, self._workspace_id, emails)

    def holders(self, emails: Collection[str], *, everywhere: bool) -> Mapping[str, Holder]:
        """Return who has which."""
        return holders_among(
            self._tables, self._workspace_id, emails, everywhere=everywhere, own_candidates=True
        )


class MemoryRefillPage(MemoryTrialPage):
    """The same for a run, inside a transaction."""

    def __init__(self, tables: Tables, run: RefillRun, limit: int) -> None:
        """Read on from where the run is."""
        super().__init__(tables, run.workspace_id, run.place, limit)
        self._run = run

    @property
    def run(self) -> RefillRun:
        """The run as it stands."""
        return self._run

    def bring(
        self,
        rows: Sequence[NewRaw],
        *,
        looked_at: Sequence[MasterContact],
        codes: Mapping[str, int],
        over: bool,
        at: datetime,
    ) -> None:
        """Append raw contacts and move the run on."""
        run, tables = self._run, self._tables
        append_raw(tables, run.workspace_id, Origin(OriginKind.MASTER_LIST, run.id), rows)
        for row in rows:
            key = run.workspace_id, row.email or ""
            if tables.master.brought.setdefault(key, run.id) != run.id or not row.email:
                raise AssertionError("no mailbox is brought to a workspace twice")
        self._run = replace(
            run,
            looked_at=run.looked_at + len(looked_at),
            brought=run.brought + len(rows),
            codes=dict(Counter(run.codes or {}) + Counter(codes)),
            place=place_of(looked_at[-1]) if looked_at else run.place,
            finished_at=at if over else None,
        )
        tables.master.runs[run.id] = self._run


def _order(place: Place) -> tuple[bool, float, str]:
    uploaded_at = place.uploaded_at
    return uploaded_at is not None, uploaded_at.timestamp() if uploaded_at else 0.0, place.email


def _elsewhere(tables: Tables, workspace_id: int, email: str) -> Elsewhere:
    contacts = [
        id_
        for (owner, mailbox), id_ in tables.ids_by_email.items()
        if mailbox == email and owner != workspace_id
    ]
    unsettled = [id_ for id_ in contacts if id_ not in tables.outcomes]
    found = NOWHERE
    if unsettled or _is_candidate(tables, workspace_id, email):
        found = Elsewhere(waits=True, batched=any(id_ in tables.places for id_ in unsettled))
    events = [
        (outcome.at, id_, outcome.outcome)
        for id_ in contacts
        if (outcome := tables.outcomes.get(id_)) is not None
    ]
    return with_outcomes(found, events) if events else found


def _is_candidate(tables: Tables, workspace_id: int, email: str) -> bool:
    """Say whether another workspace's verification has not come to the mailbox."""
    return any(
        row.candidate.email == email and id_ not in tables.verification.verdicts
        for other in tables.workspaces
        if other != workspace_id
        for id_, row in candidates_of(tables, other)
    )
