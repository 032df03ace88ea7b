"""What waits in front of each stage: marks held to the last row, and sums; no table is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, func, or_, select

from maverick_adapters.sql.store.targets import free_by_sums, read_account
from maverick_adapters.sql.store.verification import VerificationPart, first_waiting_behind
from maverick_adapters.sql.tables import (
    candidates,
    contact_batches,
    filter_marks,
    imports,
    raw_contacts,
    scrape_runs,
    sources,
    verification_marks,
    workspaces,
)
from maverick_core.kernel.ids import batch_name
from maverick_core.kernel.time import Month
from maverick_core.pipeline.batch import BatchState
from maverick_core.pipeline.onward.rules import Waiting
from maverick_core.pipeline.raw_import.rules import ImportKind, ImportState
from maverick_core.pipeline.stages import Stage
from maverick_core.workspaces.rules import Workspace

_Key = tuple[ColumnElement[int], ColumnElement[int]]
_raw, _candidate = raw_contacts.c, candidates.c
_FAR: Final = 10_000
"""Settled candidates behind the mark that are passed each time; with more the mark is moved."""


class StageTablesPart(VerificationPart):
    """Satisfies ``StageTables``."""

    def waiting(
        self, stage: Stage, workspaces: Sequence[Workspace], *, at: datetime, move_marks: bool
    ) -> Sequence[Waiting]:
        """Return what waits; see ``StageTables.waiting``."""
        whose = [workspace.id for workspace in workspaces]
        if stage is Stage.VERIFICATION:
            return [*self._waiting_candidates(whose, move_marks=move_marks)]
        looks = {
            Stage.SCRAPING: self._waiting_sources,
            Stage.IMPORT: _imports_under_way,
            Stage.FILTERING: self._waiting_raw,
            Stage.UPLOAD: _live_batches,
        }
        with self._database.read() as connection:
            if stage is Stage.BATCHING:
                return [*_plannable(connection, workspaces, at)]
            return looks[stage](connection, whose)

    def _waiting_sources(self, connection: Connection, whose: Sequence[int]) -> Sequence[Waiting]:
        """Select the sources without a run, and those whose open run nobody has."""
        run = scrape_runs.c
        free = or_(run.lease_until.is_(None), run.lease_until <= self._dialect.now(self._clock))
        ran = select(run.id).where(run.source_id == sources.c.id).correlate(sources).exists()
        query = (
            select(sources.c.workspace_id, sources.c.id, sources.c.name, run.started_at)
            .outerjoin(scrape_runs, and_(run.source_id == sources.c.id, run.finished_at.is_(None)))
            .where(sources.c.workspace_id.in_(whose), or_(and_(run.id.is_not(None), free), ~ran))
            .order_by(sources.c.workspace_id, sources.c.name)
        )
        return [Waiting(*row) for row in connection.execute(query)]

    def _waiting_candidates(self, whose: Sequence[int], *, move_marks: bool) -> Iterator[Waiting]:
        """Look behind the marks; where many are settled there, move the mark on if asked to."""
        key, mark = (_candidate.workspace_id, _candidate.id), verification_marks.c.candidate_id
        with self._database.read() as connection:
            marks = connection.execute(self._behind(key, verification_marks, mark, whose)).all()
            reached = [(id_, at, first_waiting_behind(connection, id_, at)) for id_, at in marks]
        for id_, at, found in reached:
            if move_marks and (found is None or found - at > _FAR):
                self.first_waiting(id_)
            if found is not None:
                yield Waiting(id_)

    def _waiting_raw(self, connection: Connection, whose: Sequence[int]) -> Sequence[Waiting]:
        key, mark = (_raw.workspace_id, _raw.id), filter_marks.c.raw_contact_id
        query = self._behind(key, filter_marks, mark, whose)
        return [Waiting(id_) for id_, _ in connection.execute(query)]

    def _behind(
        self, key: _Key, marks: Table, mark: ColumnElement[int], whose: Sequence[int]
    ) -> Select[Any]:
        """Select the workspaces with a row behind their mark, and the mark.

        Each is looked up along the index of the two: the planner would else look for the rows of
        who has none among everybody's.
        """
        reached = func.coalesce(mark, 0)
        behind = self._dialect.behind_of_each(key, workspaces.c.id, reached)
        first = select(key[1]).where(behind).order_by(*key).limit(1)
        return (
            select(workspaces.c.id, reached)
            .outerjoin(marks, marks.c.workspace_id == workspaces.c.id)
            .where(
                workspaces.c.id.in_(whose),
                first.correlate(workspaces, marks).scalar_subquery().is_not(None),
            )
            .order_by(workspaces.c.id)
        )


def _imports_under_way(connection: Connection, whose: Sequence[int]) -> Sequence[Waiting]:
    row = imports.c
    first = (
        select(func.min(row.id))
        .where(row.kind == ImportKind.RAW, row.state == ImportState.RUNNING)
        .where(row.workspace_id.in_(whose))
        .group_by(row.workspace_id)
        .correlate(None)
    )
    query = select(row.workspace_id, row.id, row.file_name, row.started_at)
    found = connection.execute(query.where(row.id.in_(first)).order_by(row.workspace_id))
    return [Waiting(*each) for each in found]


def _live_batches(connection: Connection, whose: Sequence[int]) -> Sequence[Waiting]:
    row = contact_batches.c
    query = (
        select(row.workspace_id, func.min(row.id), func.min(row.updated_at))
        .where(row.state.in_([BatchState.READY, BatchState.UPLOADING]))
        .where(row.workspace_id.in_(whose))
        .group_by(row.workspace_id)
        .order_by(row.workspace_id)
    )
    return [
        Waiting(workspace_id, id_, batch_name(id_), since)
        for workspace_id, id_, since in connection.execute(query)
    ]


def _plannable(
    connection: Connection, whose: Sequence[Workspace], at: datetime
) -> Iterator[Waiting]:
    """Yield who has free contacts; only their targets are looked at."""
    free = free_by_sums(connection, [workspace.id for workspace in whose])
    for workspace in whose:
        if (count := free[workspace.id]) > 0:
            account = read_account(connection, workspace.id, Month.of(at, workspace.zone))
            room = None if account.target is None else account.room
            yield Waiting(workspace.id, contacts=count, room=room)
