"""Refills: the list is walked by its order, and a page of it decided on and brought at once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, insert, or_, select, update

from maverick_adapters.sql.dialects import Dialect
from maverick_adapters.sql.store.elsewhere import elsewhere_of
from maverick_adapters.sql.store.filtering import holders_among
from maverick_adapters.sql.store.master_pages import as_contact, master_rows
from maverick_adapters.sql.store.part import AnyRow, Part
from maverick_adapters.sql.store.raw import append_raw, plain
from maverick_adapters.sql.store.suppressions import suppressed_among
from maverick_adapters.sql.store.workspaces import check_workspace
from maverick_adapters.sql.tables import (
    candidate_verdicts,
    candidates,
    filter_marks,
    mailbox_findings,
    master_contacts,
    raw_contacts,
    refill_mailboxes,
    refill_overlaps,
    refill_runs,
    suppressions,
    verification_marks,
)
from maverick_core.kernel.errors import changed_meanwhile
from maverick_core.pipeline.filtering.ports import Holder
from maverick_core.pipeline.master_fill.overlap import Overlap, Standing
from maverick_core.pipeline.master_fill.ports import RefillRun
from maverick_core.pipeline.master_fill.rules import MasterContact, Place, place_of
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind
from maverick_core.pipeline.verification.verdicts import Verdict
from maverick_core.suppression.rules import Match, SuppressionKind, SuppressionReason

_run, _master = refill_runs.c, master_contacts.c
_BROUGHT_COLUMNS = ("workspace_id", "email", "run_id")


class RefillsPart(Part):
    """Satisfies ``Refills`` and ``Overlaps``."""

    def begin_refill(self, workspace_id: int, asked: int, *, by: str, at: datetime) -> RefillRun:
        """Put a run on record; see ``Refills.begin_refill``."""
        new = insert(refill_runs).values(workspace_id=workspace_id, by=by, started_at=at)
        with self._database.write() as connection:
            check_workspace(connection, workspace_id)
            _take_turn(connection, self._dialect, workspace_id)
            mine = select(refill_runs).where(_run.workspace_id == workspace_id)
            found = connection.execute(mine.where(_run.finished_at.is_(None))).one_or_none()
            if found is None:
                statement = new.values(asked=asked).returning(refill_runs)
                found = connection.execute(statement).one()
            return _as_run(found)

    @contextmanager
    def refill_page(self, run_id: int, *, limit: int) -> Iterator[SqlRefillPage]:
        """Hold the next of the list; see ``Refills.refill_page``."""
        query = select(refill_runs).where(_run.id == run_id)
        with self._database.write() as connection:
            workspace_id = connection.execute(query).one().workspace_id
            _take_turn(connection, self._dialect, workspace_id)
            run = _as_run(connection.execute(query).one())
            yield SqlRefillPage(connection, self._dialect, run, limit)

    @contextmanager
    def trial_page(
        self, workspace_id: int, *, after: Place | None, limit: int
    ) -> Iterator[SqlTrialPage]:
        """Read the next of the list; see ``Refills.trial_page``."""
        with self._database.snapshot() as connection:
            yield SqlTrialPage(connection, self._dialect, workspace_id, after, limit)

    def refill_runs(
        self, workspace_id: int, *, before: int | None = None, limit: int = 50
    ) -> Sequence[RefillRun]:
        """Return the runs; see ``Refills.refill_runs``."""
        query = (
            select(refill_runs)
            .where(_run.workspace_id == workspace_id)
            .order_by(_run.id.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(_run.id < before)
        with self._database.read() as connection:
            return [_as_run(row) for row in connection.execute(query)]

    def on_the_way(self, workspace_id: int) -> int:
        """Count behind the marks of both stages; see ``Refills.on_the_way``."""
        raw, candidate, verdict = raw_contacts.c, candidates.c, candidate_verdicts.c
        filtered = _mark(filter_marks.c.raw_contact_id, filter_marks.c.workspace_id, workspace_id)
        verified = _mark(
            verification_marks.c.candidate_id, verification_marks.c.workspace_id, workspace_id
        )
        unjudged = select(func.count()).where(raw.workspace_id == workspace_id, raw.id > filtered)
        waiting = (
            select(func.count())
            .select_from(candidates)
            .outerjoin(candidate_verdicts, verdict.candidate_id == candidate.id)
            .where(
                candidate.workspace_id == workspace_id,
                candidate.id > verified,
                verdict.candidate_id.is_(None),
            )
        )
        query = select(unjudged.scalar_subquery() + waiting.scalar_subquery())
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def overlap(self, workspace_id: int) -> Overlap:
        """Return what the workspace allows; see ``Overlaps.overlap``."""
        with self._database.read() as connection:
            return _overlap(connection, workspace_id)

    def set_overlap(
        self,
        workspace_id: int,
        overlap: Overlap,
        *,
        by: str,
        at: datetime,
        seen: Overlap | None = None,
    ) -> None:
        """Set it; see ``Overlaps.set_overlap``."""
        said = {"days": overlap.days, "by": by, "at": at}
        row = self._dialect.insert(refill_overlaps).values(workspace_id=workspace_id, **said)
        with self._database.write() as connection:
            check_workspace(connection, workspace_id)
            self._dialect.take_turn(connection, f"overlap of workspace {workspace_id}")
            if seen not in {None, _overlap(connection, workspace_id)}:
                raise changed_meanwhile()
            connection.execute(
                row.on_conflict_do_update(index_elements=["workspace_id"], set_=said)
            )


def _overlap(connection: Connection, workspace_id: int) -> Overlap:
    row = refill_overlaps.c
    query = select(row.days).where(row.workspace_id == workspace_id)
    return Overlap(connection.execute(query).scalar_one_or_none())


class SqlTrialPage:
    """Some of the list with what decides on them, in an open transaction."""

    def __init__(
        self,
        connection: Connection,
        dialect: Dialect,
        workspace_id: int,
        after: Place | None,
        limit: int,
    ) -> None:
        """Read the page."""
        self._connection = connection
        self._dialect = dialect
        self._workspace_id = workspace_id
        self._contacts = _page(connection, after, limit)

    @property
    def contacts(self) -> Sequence[MasterContact]:
        """The next of the list."""
        return self._contacts

    @cached_property
    def standing(self) -> Standing:
        """What is known of these at present."""
        emails = [contact.email for contact in self._contacts]
        brought, entry = refill_mailboxes.c, suppressions.c
        own = brought.workspace_id == self._workspace_id
        a_bounce = entry.reason == SuppressionReason.BOUNCED.value
        a_mailbox = entry.kind == SuppressionKind.EMAIL.value
        finding = mailbox_findings.c
        verdicts: Mapping[str, str] = dict(self._those(finding.email, emails, finding.verdict))
        return Standing(
            brought=frozenset(row[0] for row in self._those(brought.email, emails, where=own)),
            bounced=frozenset(
                row[0] for row in self._those(entry.target, emails, where=a_bounce & a_mailbox)
            ),
            verdicts={email: Verdict(verdict) for email, verdict in verdicts.items()},
            elsewhere=elsewhere_of(self._connection, self._dialect, self._workspace_id, emails),
        )

    def suppressed(self, emails: Collection[str]) -> Mapping[str, Match]:
        """Return who must not be written to; see ``Facts.suppressed``."""
        return suppressed_among(self._connection, self._dialect, self._workspace_id, emails)

    def holders(self, emails: Collection[str], *, everywhere: bool) -> Mapping[str, Holder]:
        """Return who has which; see ``Facts.holders``."""
        return holders_among(
            self._connection, self._dialect, self._workspace_id, emails, everywhere=everywhere
        )

    def _those(
        self,
        email: ColumnElement[str],
        emails: Sequence[str],
        *more: ColumnElement[Any],
        where: ColumnElement[bool] | None = None,
    ) -> Sequence[tuple[Any, ...]]:
        query: Select[Any] = select(email, *more).where(self._dialect.among_keys(email, emails))
        return plain(self._connection, query if where is None else query.where(where))


class SqlRefillPage(SqlTrialPage):
    """The same, for a run that has its workspace's turn."""

    def __init__(
        self, connection: Connection, dialect: Dialect, run: RefillRun, limit: int
    ) -> None:
        """Read on from where the run is."""
        super().__init__(connection, dialect, run.workspace_id, run.place, limit)
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
        """Append raw contacts and move the run on; see ``RefillPage.bring``."""
        connection, dialect, run = self._connection, self._dialect, self._run
        if rows:
            origin = Origin(OriginKind.MASTER_LIST, run.id)
            append_raw(connection, dialect, run.workspace_id, origin, rows, at=at)
            brought = ((run.workspace_id, row.email, run.id) for row in rows)
            dialect.append(connection, refill_mailboxes, _BROUGHT_COLUMNS, brought)
        self._run = replace(
            run,
            looked_at=run.looked_at + len(looked_at),
            brought=run.brought + len(rows),
            codes=dict(Counter(run.codes or {}) + Counter(codes)),
            place=place_of(looked_at[-1]) if looked_at else run.place,
            finished_at=at if over else None,
        )
        connection.execute(
            update(refill_runs).where(_run.id == run.id).values(**_progress(self._run))
        )


def _progress(run: RefillRun) -> dict[str, Any]:
    place = run.place or Place(None, "")
    return {
        "looked_at": run.looked_at,
        "brought": run.brought,
        "codes": json.dumps(run.codes, sort_keys=True),
        "place_uploaded_at": place.uploaded_at,
        "place_email": place.email or None,
        "finished_at": run.finished_at,
    }


def _as_run(row: AnyRow) -> RefillRun:
    place = None if row.place_email is None else Place(row.place_uploaded_at, row.place_email)
    return RefillRun(
        row.id,
        row.workspace_id,
        row.by,
        row.started_at,
        row.asked,
        row.looked_at,
        row.brought,
        json.loads(row.codes),
        place,
        row.finished_at,
    )


def _page(connection: Connection, after: Place | None, limit: int) -> Sequence[MasterContact]:
    """Read those that were never uploaded, then the others, each by an index of its own."""
    found: list[AnyRow] = []
    never = _master.uploaded_at.is_(None)
    if after is None or after.uploaded_at is None:
        query = master_rows().where(never, _master.email > (after.email if after else ""))
        found += connection.execute(query.order_by(_master.email).limit(limit)).all()
    if len(found) < limit:
        query = master_rows().where(~never)
        if after is not None and after.uploaded_at is not None:
            behind = or_(_master.uploaded_at > after.uploaded_at, _master.email > after.email)
            query = query.where(_master.uploaded_at >= after.uploaded_at, behind)
        query = query.order_by(_master.uploaded_at, _master.email).limit(limit - len(found))
        found += connection.execute(query).all()
    return [as_contact(row) for row in found]


def _mark(value: ColumnElement[int], owner: ColumnElement[int], workspace_id: int) -> Any:
    return func.coalesce(select(value).where(owner == workspace_id).scalar_subquery(), 0)


def _take_turn(connection: Connection, dialect: Dialect, workspace_id: int) -> None:
    dialect.take_turn(connection, f"refill of workspace {workspace_id}")
