"""Questions to verifiers: on record before they are asked, within a day's budget."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, update

from maverick_adapters.sql.store.part import AnyRow, Part, replace_rows
from maverick_adapters.sql.store.raw import plain
from maverick_adapters.sql.tables import (
    mail_domains,
    mailbox_findings,
    verifier_questions,
    verifier_spending,
)
from maverick_core.pipeline.verification.ports import Question
from maverick_core.pipeline.verification.verdicts import (
    DOMAIN_BELIEVED,
    Finding,
    Verdict,
    believed_until,
)

_question, _spending = verifier_questions.c, verifier_spending.c
_FINDING_COLUMNS = ("email", "verdict", "reason", "found_at", "believed_until")
_DOMAIN_COLUMNS = ("domain", "catch_all", "believed_until")


class QuestionsPart(Part):
    """Satisfies ``Questions``."""

    def open_question(self, workspace_id: int) -> Question | None:
        """Return the question without an answer; see ``Questions.open_question``."""
        with self._database.read() as connection:
            return _open(connection, workspace_id)

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
        """Put a question on record; see ``Questions.begin_question``."""
        with self._database.write() as connection:
            self._dialect.take_turn(connection, f"questions to {provider}")
            if (already := _open(connection, workspace_id)) is not None:
                return already
            believed = self._believed(connection, emails, at)
            unknown = [email for email in emails if email not in believed]
            granted = self._spend(connection, provider, len(unknown), daily_limit, at)
            if not granted:
                return None
            asked = unknown[:granted]
            new = insert(verifier_questions).values(
                workspace_id=workspace_id,
                key=key,
                provider=provider,
                emails=json.dumps(asked),
                mailboxes=granted,
                begun_at=at,
            )
            id_ = connection.execute(new.returning(_question.id)).scalar_one()
            return Question(int(id_), key, provider, None, asked)

    def question_asked(self, question_id: int, reference: str) -> None:
        """Note the provider's name for it; see ``Questions.question_asked``."""
        with self._database.write() as connection:
            connection.execute(
                update(verifier_questions)
                .where(_question.id == question_id)
                .values(reference=reference)
            )

    def question_answered(
        self,
        question_id: int,
        findings: Sequence[Finding],
        catch_all: Mapping[str, bool],
        *,
        at: datetime,
    ) -> None:
        """Believe the findings; see ``Questions.question_answered``."""
        with self._database.write() as connection:
            closed = (
                update(verifier_questions)
                .where(_question.id == question_id, _question.answered_at.is_(None))
                # The mailboxes are known by their findings from here on.
                .values(answered_at=at, emails=None)
            )
            if not connection.execute(closed).rowcount:
                return
            self._dialect.take_turn(connection, "what is believed of mailboxes")
            self._believe(connection, findings, at)
            self._remember_domains(connection, catch_all, at)

    def spent(self, provider: str, *, at: datetime) -> int:
        """Return the day's use; see ``Questions.spent``."""
        query = select(_spending.mailboxes).where(
            _spending.provider == provider, _spending.day == _day(at)
        )
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one_or_none() or 0)

    def believed(self, *, at: datetime) -> Mapping[Verdict, int]:
        """Count what is believed; see ``VerificationViews.believed``."""
        row = mailbox_findings.c
        query = (
            select(row.verdict, func.count()).where(row.believed_until > at).group_by(row.verdict)
        )
        with self._database.read() as connection:
            return {Verdict(verdict): count for verdict, count in connection.execute(query)}

    def _believed(
        self, connection: Connection, emails: Sequence[str], at: datetime
    ) -> Collection[str]:
        row = mailbox_findings.c
        query = select(row.email).where(
            self._dialect.among_keys(row.email, emails), row.believed_until > at
        )
        return {email for (email,) in plain(connection, query)}

    def _spend(
        self,
        connection: Connection,
        provider: str,
        wanted: int,
        daily_limit: int | None,
        at: datetime,
    ) -> int:
        """Take as much of the day's budget as there is; the turn keeps others off it."""
        today = (_spending.provider == provider, _spending.day == _day(at))
        used = connection.execute(select(_spending.mailboxes).where(*today)).scalar_one_or_none()
        room = wanted if daily_limit is None else max(0, daily_limit - (used or 0))
        granted = min(wanted, room)
        if granted and used is None:
            row = {"provider": provider, "day": _day(at), "mailboxes": granted}
            connection.execute(insert(verifier_spending).values(**row))
        elif granted:
            more = update(verifier_spending).where(*today)
            connection.execute(more.values(mailboxes=_spending.mailboxes + granted))
        return granted

    def _believe(self, connection: Connection, findings: Sequence[Finding], at: datetime) -> None:
        rows = {
            each.email: (
                *(each.email, each.verdict.value, each.reason.value),
                *(at, believed_until(each.verdict, at)),
            )
            for each in findings
        }
        self._replace(connection, mailbox_findings, _FINDING_COLUMNS, rows)

    def _remember_domains(
        self, connection: Connection, catch_all: Mapping[str, bool], at: datetime
    ) -> None:
        until = at + DOMAIN_BELIEVED
        rows = {domain: (domain, any_name, until) for domain, any_name in catch_all.items()}
        self._replace(connection, mail_domains, _DOMAIN_COLUMNS, rows)

    def _replace(
        self,
        connection: Connection,
        table: Table,
        names: Sequence[str],
        rows: Mapping[str, tuple[Any, ...]],
    ) -> None:
        # In the order of the index, so that neighbours are written together.
        new = (rows[key] for key in sorted(rows))
        replace_rows(connection, self._dialect, table, names, new, known=rows)


def _open(connection: Connection, workspace_id: int) -> Question | None:
    names = ("id", "key", "provider", "reference", "emails")
    query = select(*(_question[name] for name in names)).where(
        _question.workspace_id == workspace_id, _question.answered_at.is_(None)
    )
    row: AnyRow | None = connection.execute(query).one_or_none()
    if row is None:
        return None
    return Question(row.id, row.key, row.provider, row.reference, json.loads(row.emails))


def _day(at: datetime) -> str:
    return at.astimezone(UTC).date().isoformat()
