"""Raw contacts come in and are judged a page at a time, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from maverick_adapters.memory.raw_tables import CandidateRecord, RawRecord
from maverick_adapters.memory.suppressions import suppressed_among
from maverick_adapters.memory.tables import Tables, Transactions
from maverick_core.kernel.errors import Missing, changed_meanwhile
from maverick_core.kernel.text import storable
from maverick_core.pipeline.csv_import.ports import ImportCounts
from maverick_core.pipeline.filtering.codes import KEPT
from maverick_core.pipeline.filtering.ports import (
    Candidate,
    Holder,
    JudgedContact,
    RawContact,
    Verdict,
)
from maverick_core.pipeline.filtering.rule_set import RuleSetVersion
from maverick_core.pipeline.invariants import (
    CandidateRow,
    RawRow,
    RawSnapshot,
    VerdictRow,
    VerifiedRow,
)
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind
from maverick_core.suppression.rules import Match


class MemoryFiltering(Transactions):
    """Satisfies the ports of filtering, ``RawContacts`` and ``RawBooks``."""

    def add_raw(
        self, workspace_id: int, origin: Origin, rows: Sequence[NewRaw], *, at: datetime
    ) -> None:
        """Append the rows; when that was is not kept here."""
        del at
        with self._transaction() as tables:
            tables.workspace_row(workspace_id)
            if origin.kind is OriginKind.CSV_IMPORT:
                _count_rows(tables, origin.id, len(rows))
            append_raw(tables, workspace_id, origin, rows)

    @contextmanager
    def raw_page(self, workspace_id: int, *, limit: int) -> Iterator[MemoryRawPage]:
        """Hold the whole store, and with it the page."""
        with self._transaction() as tables:
            tables.workspace_row(workspace_id)
            yield MemoryRawPage(tables, workspace_id, limit)

    def judged(
        self, workspace_id: int, *, after: int, limit: int, waiting: bool
    ) -> Sequence[JudgedContact]:
        """Return raw contacts with or without a verdict."""
        raw = self._tables.raw
        if waiting:
            rows = raw.waiting(workspace_id, after=after, limit=limit)
            return [JudgedContact(row, None) for row in rows]
        return [
            JudgedContact(row.contact, raw.verdicts[id_])
            for id_, row in raw.contacts.items()
            if row.workspace_id == workspace_id and id_ > after and id_ in raw.verdicts
        ][:limit]

    def holders(
        self, workspace_id: int, emails: Collection[str], *, everywhere: bool, own_candidates: bool
    ) -> Mapping[str, Holder]:
        """Return who has which."""
        return holders_among(
            self._tables,
            workspace_id,
            emails,
            everywhere=everywhere,
            own_candidates=own_candidates,
        )

    def rule_sets(self, workspace_id: int) -> Sequence[RuleSetVersion]:
        """Return all versions, the newest first."""
        return self._tables.raw.rule_sets.get(workspace_id, ())[::-1]

    def filter_counts(self, workspace_id: int) -> Mapping[str, int]:
        """Count verdicts by code."""
        raw = self._tables.raw
        mine = (id_ for id_, row in raw.contacts.items() if row.workspace_id == workspace_id)
        return Counter(raw.verdicts[id_] for id_ in mine if id_ in raw.verdicts)

    def add_rule_set(
        self,
        workspace_id: int,
        definition: str,
        *,
        by: str,
        at: datetime,
        seen: int | None = None,
    ) -> int:
        """Put the next version on record."""
        with self._transaction() as tables:
            tables.workspace_row(workspace_id)
            before = tables.raw.rule_sets.get(workspace_id, ())
            if seen not in {None, len(before)}:
                raise changed_meanwhile()
            new = RuleSetVersion(len(before) + 1, definition, by, at)
            tables.raw.rule_sets[workspace_id] = (*before, new)
        return new.version

    def raw_snapshot(self) -> RawSnapshot:
        """Return all of it."""
        raw = self._tables.raw
        return RawSnapshot(
            raw=[RawRow(id_, row.workspace_id) for id_, row in raw.contacts.items()],
            verdicts=[VerdictRow(id_, code) for id_, code in raw.verdicts.items()],
            candidates=[
                CandidateRow(id_, row.workspace_id, email, row.candidate.raw_contact_id)
                for id_, ((email, _), row) in enumerate(raw.candidates.items(), start=1)
            ],
            marks=raw.marks,
            verified=[
                VerifiedRow(id_, row.verdict, row.mailable)
                for id_, row in self._tables.verification.verdicts.items()
            ],
            mailboxes=self._tables.ids_by_email.keys(),
        )


class MemoryRawPage:
    """Raw contacts of one workspace inside a transaction."""

    def __init__(self, tables: Tables, workspace_id: int, limit: int) -> None:
        """Take the page as it stands."""
        self._tables = tables
        self._workspace_id = workspace_id
        self._rows = tables.raw.waiting(workspace_id, after=0, limit=limit)

    @property
    def rows(self) -> Sequence[RawContact]:
        """The next ones without a verdict."""
        return self._rows

    def suppressed(self, emails: Collection[str]) -> Mapping[str, Match]:
        """Return who must not be written to."""
        return suppressed_among(self._tables, self._workspace_id, emails)

    def holders(self, emails: Collection[str], *, everywhere: bool) -> Mapping[str, Holder]:
        """Return who has which."""
        return holders_among(
            self._tables, self._workspace_id, emails, everywhere=everywhere, own_candidates=True
        )

    def close(
        self,
        verdicts: Sequence[Verdict],
        candidates: Sequence[Candidate],
        *,
        rules_version: int,
        at: datetime,
    ) -> None:
        """Keep the codes and the rules that gave them; with what detail is not kept here."""
        raw = self._tables.raw
        if [verdict.raw_contact_id for verdict in verdicts] != [row.id for row in self._rows]:
            raise AssertionError("each raw contact of the page has one verdict, in its order")
        raw.verdicts |= {verdict.raw_contact_id: verdict.code for verdict in verdicts}
        raw.versions |= dict.fromkeys((row.id for row in self._rows), rules_version)
        for candidate in candidates:
            key = (candidate.email, self._workspace_id)
            if key in raw.candidates or raw.verdicts[candidate.raw_contact_id] != KEPT:
                raise AssertionError("a candidate is kept, and the only one of its mailbox")
            raw.candidates[key] = CandidateRecord(self._workspace_id, candidate, at)
        if verdicts:
            raw.marks[self._workspace_id] = verdicts[-1].raw_contact_id


def append_raw(tables: Tables, workspace_id: int, origin: Origin, rows: Sequence[NewRaw]) -> None:
    """Append rows in a transaction of the caller's."""
    for id_, row in enumerate(rows, start=len(tables.raw.contacts) + 1):
        tables.raw.contacts[id_] = RawRecord(workspace_id, _raw(id_, origin, row))


def _count_rows(tables: Tables, import_id: int, rows: int) -> None:
    record = tables.imports.get(import_id)
    if record is None:
        raise Missing(f"There is no import {import_id}.", code="import_missing")
    before = record.counts
    counts = ImportCounts(before.rows + rows, before.added + rows, before.rejected)
    tables.imports[import_id] = replace(record, counts=counts)


def _raw(id_: int, origin: Origin, row: NewRaw) -> RawContact:
    fields: dict[str, Any] = {
        name: storable(value) if isinstance(value, str) else value
        for name, value in row._asdict().items()
        if name in RawContact._fields
    }
    return RawContact(id=id_, origin=origin, **fields)


def holders_among(
    tables: Tables,
    workspace_id: int,
    emails: Collection[str],
    *,
    everywhere: bool,
    own_candidates: bool,
) -> Mapping[str, Holder]:
    """Return who has which of the e-mails, the workspace itself before others."""
    found = {}
    for email in emails:
        own = tables.raw.candidate_holder(workspace_id, email) if own_candidates else None
        if own is None and (workspace_id, email) in tables.ids_by_email:
            own = Holder("", None)
        others = _elsewhere(tables, workspace_id, email) if everywhere and own is None else []
        if own or others:
            found[email] = own or Holder(min(others), None)
    return found


def _elsewhere(tables: Tables, workspace_id: int, email: str) -> list[str]:
    return [
        other.slug
        for other in tables.workspaces.values()
        if other.id != workspace_id
        and ((other.id, email) in tables.ids_by_email or (email, other.id) in tables.raw.candidates)
    ]
