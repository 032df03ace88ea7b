"""Candidates on their way to a verdict: settled a page a transaction, judged anew on a wish."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    func,
    insert,
    literal,
    not_,
    select,
    update,
)

from maverick_adapters.sql.dialects import Dialect
from maverick_adapters.sql.store.imports import count_rows, import_turn
from maverick_adapters.sql.store.part import Part
from maverick_adapters.sql.store.raw import plain
from maverick_adapters.sql.store.workspaces import check_workspace
from maverick_adapters.sql.tables import (
    Instant,
    candidate_verdicts,
    candidates,
    contacts,
    imports,
    mail_domains,
    mailbox_findings,
    verification_marks,
    verification_policies,
)
from maverick_core.kernel.errors import changed_meanwhile
from maverick_core.pipeline.csv_import.ports import NewContact
from maverick_core.pipeline.raw_import.rules import ImportState
from maverick_core.pipeline.verification.ports import VerificationCounts
from maverick_core.pipeline.verification.rules import Settled, Waiting
from maverick_core.pipeline.verification.verdicts import (
    Finding,
    Policy,
    Reason,
    Verdict,
    parse_policy,
    policy_json,
)

IMPORT_NAME = "verification"
"""The name of the import that a workspace's candidates become contacts by."""

_candidate, _verdict = candidates.c, candidate_verdicts.c
_VERDICT_COLUMNS = ("candidate_id", "workspace_id", "verdict", "reason", "mailable", "at")


class VerificationPart(Part):
    """Satisfies ``Candidates`` and ``VerificationViews``."""

    @contextmanager
    def candidate_page(
        self, workspace_id: int, *, after: int, limit: int, at: datetime
    ) -> Iterator[SqlCandidatePage]:
        """Hold some candidates; see ``Candidates.candidate_page``."""
        with self._database.write() as connection:
            check_workspace(connection, workspace_id)
            _take_turn(connection, self._dialect, workspace_id)
            yield SqlCandidatePage(connection, self._dialect, workspace_id, after, limit, at)

    def first_waiting(self, workspace_id: int) -> int:
        """Return the mark, moved on; see ``Candidates.first_waiting``."""
        with self._database.write() as connection:
            _take_turn(connection, self._dialect, workspace_id)
            before = _mark(connection, workspace_id)
            now = _before_first_waiting(connection, workspace_id, before)
            if now > before:
                _move_mark(connection, self._dialect, workspace_id, now)
            return now

    def wait_again(self, workspace_id: int, verdicts: Collection[Verdict], *, at: datetime) -> int:
        """Take back verdicts not believed any more; see ``Candidates.wait_again``."""
        finding = mailbox_findings.c
        believed = (
            select(literal(1))
            .select_from(mailbox_findings)
            .join(candidates, _candidate.email == finding.email)
            .where(_candidate.id == _verdict.candidate_id, finding.believed_until > at)
            .exists()
        )
        with self._database.write() as connection:
            _take_turn(connection, self._dialect, workspace_id)
            return _take_back(connection, workspace_id, verdicts, not_(believed))

    def policy(self, workspace_id: int) -> Policy:
        """Return what the workspace accepts; see ``Candidates.policy``."""
        with self._database.read() as connection:
            return _policy(connection, workspace_id)

    def set_policy(
        self,
        workspace_id: int,
        policy: Policy,
        *,
        by: str,
        at: datetime,
        seen: Policy | None = None,
    ) -> None:
        """Set what it accepts; see ``Candidates.set_policy``."""
        said = {"policy": policy_json(policy), "by": by, "at": at}
        row = self._dialect.insert(verification_policies).values(workspace_id=workspace_id, **said)
        with self._database.write() as connection:
            check_workspace(connection, workspace_id)
            _take_turn(connection, self._dialect, workspace_id)
            if seen not in {None, _policy(connection, workspace_id)}:
                raise changed_meanwhile()
            connection.execute(
                row.on_conflict_do_update(index_elements=["workspace_id"], set_=said)
            )
            _take_back(connection, workspace_id, (Verdict.RISKY,))

    def verification_counts(self, workspace_id: int) -> VerificationCounts:
        """Count candidates; see ``VerificationViews.verification_counts``."""
        by_verdict = (
            select(_verdict.verdict, _verdict.reason, _verdict.mailable, func.count())
            .where(_verdict.workspace_id == workspace_id)
            .group_by(_verdict.verdict, _verdict.reason, _verdict.mailable)
        )
        everyone = select(func.count()).where(_candidate.workspace_id == workspace_id)
        with self._database.snapshot() as connection:
            check_workspace(connection, workspace_id)
            rows = connection.execute(by_verdict).all()
            total = connection.execute(everyone).scalar_one()
        mailable = sum(count for _, _, is_mailable, count in rows if is_mailable)
        return VerificationCounts(
            waiting=total - sum(count for *_, count in rows),
            contacts=mailable,
            not_mailable={
                (Verdict(verdict), Reason(reason)): count
                for verdict, reason, is_mailable, count in rows
                if not is_mailable
            },
        )


class SqlCandidatePage:
    """Candidates of one workspace, in an open transaction."""

    def __init__(
        self,
        connection: Connection,
        dialect: Dialect,
        workspace_id: int,
        after: int,
        limit: int,
        at: datetime,
    ) -> None:
        """Read the page; the transaction holds the workspace's turn."""
        self._connection = connection
        self._dialect = dialect
        self._workspace_id = workspace_id
        self._at = at
        query = (
            select(_candidate.id, _candidate.email, _verdict.candidate_id)
            .outerjoin(candidate_verdicts, _verdict.candidate_id == _candidate.id)
            .where(_candidate.workspace_id == workspace_id, _candidate.id > after)
            .order_by(_candidate.id)
            .limit(limit)
        )
        rows = plain(connection, query)
        self._waiting = [Waiting(id_, email) for id_, email, settled in rows if settled is None]
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
        """Return what is believed; see ``CandidatePage.known``."""
        row = mailbox_findings.c
        query = select(row.email, row.verdict, row.reason).where(
            self._dialect.among_keys(row.email, emails), row.believed_until > self._at
        )
        return {
            email: Finding(email, Verdict(verdict), Reason(reason))
            for email, verdict, reason in plain(self._connection, query)
        }

    def catch_all(self, domains: Collection[str]) -> Mapping[str, bool]:
        """Return what is remembered; see ``CandidatePage.catch_all``."""
        row = mail_domains.c
        query = select(row.domain, row.catch_all).where(
            self._dialect.among_keys(row.domain, domains), row.believed_until > self._at
        )
        return {domain: bool(any_name) for domain, any_name in plain(self._connection, query)}

    def settle(self, settled: Sequence[Settled]) -> None:
        """Put verdicts on record, and contacts; see ``CandidatePage.settle``."""
        if not settled:
            return
        rows = (
            (
                each.candidate_id,
                self._workspace_id,
                each.verdict.value,
                each.reason.value,
                each.mailable,
                self._at,
            )
            for each in settled
        )
        self._dialect.append(self._connection, candidate_verdicts, _VERDICT_COLUMNS, rows)
        if mailable := [each.candidate_id for each in settled if each.mailable]:
            self._make_contacts(mailable)

    def _make_contacts(self, candidate_ids: Sequence[int]) -> None:
        """Copy candidates to the contacts. Whom an import brought meanwhile is there already.

        Imports of the workspace wait, or two might each hold a contact that the other one adds.
        """
        import_turn(self._connection, self._dialect, self._workspace_id)
        import_id = self._import()
        copied = select(
            _candidate.workspace_id,
            *(_candidate[name] for name in NewContact._fields),
            literal(import_id),
            literal(self._at, Instant),
        ).where(self._dialect.among(_candidate.id, candidate_ids))
        columns = ("workspace_id", *NewContact._fields, "import_id", "verified_at")
        statement = (
            self._dialect.insert(contacts)
            .from_select(columns, copied.order_by(_candidate.id))
            .on_conflict_do_nothing(index_elements=["workspace_id", "email"])
            .execution_options(preserve_rowcount=True)
        )
        added = self._connection.execute(statement).rowcount
        count_rows(self._connection, import_id, rows=added, added=added)

    def _import(self) -> int:
        """Return the workspace's import for these; the turn keeps it one."""
        mark = verification_marks.c
        known = select(mark.import_id).where(mark.workspace_id == self._workspace_id)
        found = self._connection.execute(known).scalar_one_or_none()
        if found is not None:
            return int(found)
        new = insert(imports).values(
            workspace_id=self._workspace_id,
            file_name=IMPORT_NAME,
            state=ImportState.DONE,
            started_at=self._at,
            finished_at=self._at,
        )
        import_id = int(self._connection.execute(new.returning(imports.c.id)).scalar_one())
        row = self._dialect.insert(verification_marks).values(
            workspace_id=self._workspace_id, candidate_id=0, import_id=import_id
        )
        self._connection.execute(
            row.on_conflict_do_update(
                index_elements=["workspace_id"], set_={"import_id": import_id}
            )
        )
        return import_id


def _policy(connection: Connection, workspace_id: int) -> Policy:
    row = verification_policies.c
    query = select(row.policy).where(row.workspace_id == workspace_id)
    found = connection.execute(query).scalar_one_or_none()
    return Policy() if found is None else parse_policy(found)


def _take_turn(connection: Connection, dialect: Dialect, workspace_id: int) -> None:
    dialect.take_turn(connection, f"verification of workspace {workspace_id}")


def _mark(connection: Connection, workspace_id: int) -> int:
    query = select(verification_marks.c.candidate_id).where(
        verification_marks.c.workspace_id == workspace_id
    )
    return connection.execute(query).scalar_one_or_none() or 0


def _before_first_waiting(connection: Connection, workspace_id: int, mark: int) -> int:
    """Return the id before the first candidate behind the mark that waits, or the last one's."""
    found = first_waiting_behind(connection, workspace_id, mark)
    if found is not None:
        return found - 1
    last = select(func.max(_candidate.id)).where(_behind(workspace_id, mark))
    return connection.execute(last).scalar_one() or mark


def first_waiting_behind(connection: Connection, workspace_id: int, mark: int) -> int | None:
    """Return the first candidate behind the mark that waits."""
    first = (
        select(_candidate.id)
        .outerjoin(candidate_verdicts, _verdict.candidate_id == _candidate.id)
        .where(_behind(workspace_id, mark), _verdict.candidate_id.is_(None))
        .order_by(_candidate.id)
        .limit(1)
    )
    found: int | None = connection.execute(first).scalar_one_or_none()
    return found


def _behind(workspace_id: int, mark: int) -> ColumnElement[bool]:
    return and_(_candidate.workspace_id == workspace_id, _candidate.id > mark)


def _move_mark(connection: Connection, dialect: Dialect, workspace_id: int, to: int) -> None:
    row = dialect.insert(verification_marks).values(workspace_id=workspace_id, candidate_id=to)
    connection.execute(
        row.on_conflict_do_update(index_elements=["workspace_id"], set_={"candidate_id": to})
    )


def _take_back(
    connection: Connection,
    workspace_id: int,
    verdicts: Collection[Verdict],
    *more: ColumnElement[bool],
) -> int:
    """Delete verdicts that are not mailable, and move the mark back before the first of them."""
    which = and_(
        _verdict.workspace_id == workspace_id,
        ~_verdict.mailable,
        _verdict.verdict.in_([verdict.value for verdict in verdicts]),
        *more,
    )
    first: int | None = connection.execute(
        select(func.min(_verdict.candidate_id)).where(which)
    ).scalar_one()
    if first is None:
        return 0
    mark = verification_marks.c
    connection.execute(
        update(verification_marks)
        .where(mark.workspace_id == workspace_id, mark.candidate_id >= first)
        .values(candidate_id=first - 1)
    )
    return connection.execute(delete(candidate_verdicts).where(which)).rowcount
