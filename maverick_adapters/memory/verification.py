"""Candidates on their way to a verdict, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from maverick_adapters.memory.import_tables import ImportRecord
from maverick_adapters.memory.raw_tables import CandidateRecord
from maverick_adapters.memory.tables import ContactRecord, Tables, Transactions
from maverick_adapters.memory.verification_tables import Believed, Open, Remembered
from maverick_core.kernel.errors import changed_meanwhile
from maverick_core.pipeline.csv_import.ports import NewContact
from maverick_core.pipeline.raw_import.rules import ImportState
from maverick_core.pipeline.verification.ports import Question, VerificationCounts
from maverick_core.pipeline.verification.rules import Settled, Waiting
from maverick_core.pipeline.verification.verdicts import (
    DOMAIN_BELIEVED,
    Finding,
    Policy,
    Verdict,
    believed_until,
)

_IMPORT_NAME = "verification"


class MemoryVerification(Transactions):
    """Satisfies ``Candidates``, ``Questions`` and ``VerificationViews``."""

    @contextmanager
    def candidate_page(
        self, workspace_id: int, *, after: int, limit: int, at: datetime
    ) -> Iterator[MemoryCandidatePage]:
        """Hold the whole store, and with it the page."""
        with self._transaction() as tables:
            tables.workspace_row(workspace_id)
            yield MemoryCandidatePage(tables, workspace_id, after, limit, at)

    def first_waiting(self, workspace_id: int) -> int:
        """Return the id before the first that waits, or the last one's."""
        last = 0
        for id_, _ in candidates_of(self._tables, workspace_id):
            if id_ not in self._tables.verification.verdicts:
                return id_ - 1
            last = id_
        return last

    def wait_again(self, workspace_id: int, verdicts: Collection[Verdict], *, at: datetime) -> int:
        """Take back verdicts not believed any more."""
        with self._transaction() as tables:
            findings = tables.verification.findings
            return _take_back(
                tables,
                workspace_id,
                verdicts,
                believed={email for email, row in findings.items() if row.until > at},
            )

    def policy(self, workspace_id: int) -> Policy:
        """Return what the workspace accepts."""
        return self._tables.verification.policies.get(workspace_id, Policy())

    def set_policy(
        self,
        workspace_id: int,
        policy: Policy,
        *,
        by: str,  # noqa: ARG002 - shown by no list of this store
        at: datetime,  # noqa: ARG002
        seen: Policy | None = None,
    ) -> None:
        """Set what it accepts."""
        with self._transaction() as tables:
            tables.workspace_row(workspace_id)
            if seen not in {None, tables.verification.policies.get(workspace_id, Policy())}:
                raise changed_meanwhile()
            tables.verification.policies[workspace_id] = policy
            _take_back(tables, workspace_id, (Verdict.RISKY,), believed=set())

    def verification_counts(self, workspace_id: int) -> VerificationCounts:
        """Count candidates."""
        tables = self._tables
        tables.workspace_row(workspace_id)
        mine = [id_ for id_, _ in candidates_of(tables, workspace_id)]
        rows = [row for id_ in mine if (row := tables.verification.verdicts.get(id_))]
        return VerificationCounts(
            waiting=len(mine) - len(rows),
            contacts=sum(row.mailable for row in rows),
            not_mailable=Counter((row.verdict, row.reason) for row in rows if not row.mailable),
        )

    def open_question(self, workspace_id: int) -> Question | None:
        """Return the question without an answer."""
        return self._tables.verification.open_question(workspace_id)

    def begin_question(
        self,
        workspace_id: int,
        emails: Sequence[str],
        *,
        key: str,
        provider: str,
        daily_limit: int | None,
        at: datetime,
    ) -> Question | None:
        """Put a question on record, as far as the budget goes."""
        with self._transaction() as tables:
            rows = tables.verification
            if (already := rows.open_question(workspace_id)) is not None:
                return already
            day = (provider, _day(at))
            used = rows.spending.get(day, 0)
            unknown = [email for email in emails if not rows.is_believed(email, at)]
            room = len(unknown) if daily_limit is None else max(0, daily_limit - used)
            asked = tuple(unknown[:room])
            if not asked:
                return None
            rows.spending[day] = used + len(asked)
            question = Question(len(rows.questions) + 1, key, provider, None, asked)
            rows.questions[question.id] = Open(workspace_id, question)
            return question

    def question_asked(self, question_id: int, reference: str) -> None:
        """Note the provider's name for it."""
        with self._transaction() as tables:
            row = tables.verification.questions[question_id]
            asked = replace(row.question, reference=reference)
            tables.verification.questions[question_id] = Open(row.workspace_id, asked)

    def question_answered(
        self,
        question_id: int,
        findings: Sequence[Finding],
        catch_all: Mapping[str, bool],
        *,
        at: datetime,
    ) -> None:
        """Believe the findings, once."""
        with self._transaction() as tables:
            rows = tables.verification
            if question_id in rows.answered:
                return
            rows.answered[question_id] = at
            for each in findings:
                rows.findings[each.email] = Believed(each, at, believed_until(each.verdict, at))
            for domain, any_name in catch_all.items():
                rows.domains[domain] = Remembered(any_name, at + DOMAIN_BELIEVED)

    def believed(self, *, at: datetime) -> Mapping[Verdict, int]:
        """Count what is believed."""
        rows = self._tables.verification.findings.values()
        return Counter(row.finding.verdict for row in rows if row.until > at)

    def spent(self, provider: str, *, at: datetime) -> int:
        """Return the day's use."""
        return self._tables.verification.spending.get((provider, _day(at)), 0)


class MemoryCandidatePage:
    """Candidates of one workspace, in an open transaction."""

    def __init__(
        self, tables: Tables, workspace_id: int, after: int, limit: int, at: datetime
    ) -> None:
        """Read the page."""
        self._tables = tables
        self._workspace_id = workspace_id
        self._at = at
        rows = [row for row in candidates_of(tables, workspace_id) if row[0] > after][:limit]
        verdicts = tables.verification.verdicts
        self._rows = dict(rows)
        self._waiting = [
            Waiting(id_, row.candidate.email) for id_, row in rows if id_ not in verdicts
        ]
        self._last = rows[-1][0] if len(rows) == limit else None

    @property
    def waiting(self) -> Sequence[Waiting]:
        """Those without a verdict."""
        return self._waiting

    @property
    def last(self) -> int | None:
        """The id that the page ends with."""
        return self._last

    def known(self, emails: Collection[str]) -> Mapping[str, Finding]:
        """Return what is believed."""
        rows = self._tables.verification.findings
        found = {email: rows[email] for email in emails if email in rows}
        return {email: row.finding for email, row in found.items() if row.until > self._at}

    def catch_all(self, domains: Collection[str]) -> Mapping[str, bool]:
        """Return what is remembered."""
        rows = self._tables.verification.domains
        found = {domain: rows[domain] for domain in domains if domain in rows}
        return {domain: row.catch_all for domain, row in found.items() if row.until > self._at}

    def settle(self, settled: Sequence[Settled]) -> None:
        """Put verdicts on record, and contacts."""
        for each in settled:
            self._tables.verification.verdicts[each.candidate_id] = each
        new = [
            self._rows[each.candidate_id]
            for each in settled
            if each.mailable and not self._is_contact(self._rows[each.candidate_id])
        ]
        if new:
            self._make_contacts(new)

    def _is_contact(self, row: CandidateRecord) -> bool:
        return (self._workspace_id, row.candidate.email) in self._tables.ids_by_email

    def _make_contacts(self, rows: Sequence[CandidateRecord]) -> None:
        tables, whose = self._tables, self._workspace_id
        record = self._import()
        counts = replace(
            record.counts,
            rows=record.counts.rows + len(rows),
            added=record.counts.added + len(rows),
        )
        tables.imports[record.id] = replace(record, counts=counts)
        for row in rows:
            contact_id = len(tables.contacts) + 1
            new = ContactRecord(contact_id, whose, record.id, _contact(row), self._at)
            tables.contacts[contact_id] = new
            tables.ids_by_email[whose, row.candidate.email] = contact_id

    def _import(self) -> ImportRecord:
        tables, imports = self._tables, self._tables.verification.imports
        if self._workspace_id not in imports:
            id_ = imports[self._workspace_id] = len(tables.imports) + 1
            tables.imports[id_] = ImportRecord(
                id_,
                self._workspace_id,
                _IMPORT_NAME,
                started_at=self._at,
                finished_at=self._at,
                state=ImportState.DONE,
            )
        return tables.imports[imports[self._workspace_id]]


def candidates_of(tables: Tables, workspace_id: int) -> Sequence[tuple[int, CandidateRecord]]:
    """Return the workspace's candidates with their ids: they are numbered as they came."""
    return [
        (number, row)
        for number, row in enumerate(tables.raw.candidates.values(), 1)
        if row.workspace_id == workspace_id
    ]


def _contact(row: CandidateRecord) -> NewContact:
    return NewContact(*(getattr(row.candidate, name) for name in NewContact._fields))


def _take_back(
    tables: Tables, workspace_id: int, verdicts: Collection[Verdict], *, believed: Collection[str]
) -> int:
    rows = tables.verification.verdicts
    taken = [
        id_
        for id_, row in candidates_of(tables, workspace_id)
        if id_ in rows
        and not rows[id_].mailable
        and rows[id_].verdict in verdicts
        and row.candidate.email not in believed
    ]
    for id_ in taken:
        del rows[id_]
    return len(taken)


def _day(at: datetime) -> str:
    return at.astimezone(UTC).date().isoformat()
