"""Batches: which there are, and all that is known of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from maverick_core.access.rules import Caller, Role, Scope
from maverick_core.kernel.email import normalise_email
from maverick_core.kernel.ids import batch_name, parse_batch_name
from maverick_core.kernel.time import Clock
from maverick_core.pipeline.batch import BatchState
from maverick_core.pipeline.pages import (
    BatchCursor,
    BatchFilter,
    BatchOrder,
    BatchPages,
    SortKey,
    stuck,
)
from maverick_core.pipeline.views import AttemptView, BatchView, BatchViews, DecisionView
from maverick_http.paging import Cursor, page
from maverick_http.routes import Call, Reply, decided_by, route
from maverick_http.schemas.base import NoQuery
from maverick_http.schemas.batches import (
    AttemptAnswer,
    BatchAnswer,
    BatchDetail,
    BatchesPage,
    BatchesQuery,
    DecisionAnswer,
    FailureAnswer,
    TotalAnswer,
)

_POSITIONS: Final[dict[SortKey, Any]] = {
    SortKey.CREATED: tuple[datetime, int],
    SortKey.UPDATED: tuple[datetime, int],
    SortKey.CONTACTS: tuple[int, int],
}
_CURSORS: Final = {
    sort: Cursor[Any](f"batches {sort}", position)
    for key, position in _POSITIONS.items()
    for sort in (key.value, f"-{key.value}")
}
"""A cursor belongs to the order that it was given out in."""


@dataclass(frozen=True, slots=True)
class BatchesResource:
    """Batches: list, show."""

    pages: BatchPages
    views: BatchViews
    clock: Clock

    @route(
        "GET",
        "/batches",
        scope=Scope.BATCHES_READ,
        takes=BatchesQuery,
        answers=BatchesPage,
    )
    def list(self, call: Call[BatchesQuery]) -> Reply:
        """List the batches that the key reaches, the newest first unless sorted otherwise."""
        given = call.given
        wanted = _filter(given, call.caller)
        order = BatchOrder(SortKey(given.sort.lstrip("-")), descending=given.sort.startswith("-"))
        cursor = _CURSORS[given.sort]
        place = cursor.read(given.cursor)
        if not call.caller.reaches(wanted.slug or call.caller.slug or ""):
            found: Sequence[BatchView] = []
        else:
            found = self.pages.batches(
                wanted,
                order=order,
                after=BatchCursor(*place) if place else None,
                limit=given.limit + 1,
            )
        positions = self._positions(found[: given.limit], call.caller)

        def mark(last: BatchView) -> str:
            at = order.cursor(last)
            return cursor.write((at.key, at.id))

        def show(batch: BatchView) -> BatchAnswer:
            return shown(batch, now=self.clock.now(), position=positions.get(batch.id))

        part = page(found, given.limit, show=show, cursor=mark)
        return Reply(BatchesPage(**dict(part), totals=self._totals(wanted, call)))

    @route("GET", "/batches/{batch}", scope=Scope.BATCHES_READ, answers=BatchDetail)
    def show(self, call: Call[NoQuery], batch: str) -> Reply:
        """Show a batch with its attempts and decisions. Its ETag is what a decision is based on."""
        view = self.views.batch(parse_batch_name(batch))
        attempts, decisions = self.views.history(view.id)
        position = self._positions([view], call.caller).get(view.id)
        answer = shown(view, now=self.clock.now(), position=position)
        detail = BatchDetail(
            **dict(answer),
            history=[_attempt(each, call.caller) for each in attempts],
            decisions=[_decision(each, call.caller) for each in decisions],
        )
        return Reply(detail, version=view.version)

    def _positions(self, batches: Sequence[BatchView], caller: Caller) -> dict[int, int]:
        """Return places in the queue, which all share: a key of one learns nothing of others."""
        if caller.slug is not None:
            return {}
        ready = [batch.id for batch in batches if batch.state is BatchState.READY]
        return dict(self.pages.queue_positions(ready)) if ready else {}

    def _totals(
        self, wanted: BatchFilter, call: Call[BatchesQuery]
    ) -> dict[BatchState, TotalAnswer] | None:
        if call.given.include is None or not call.caller.reaches(
            wanted.slug or call.caller.slug or ""
        ):
            return None
        totals = self.pages.batch_totals(wanted)
        return {state: TotalAnswer.model_validate(total) for state, total in totals.items()}


def shown(batch: BatchView, *, now: datetime, position: int | None = None) -> BatchAnswer:
    """Return the batch as it goes over the wire."""
    failure = None
    if batch.failure_code:
        failure = FailureAnswer(code=batch.failure_code, detail=batch.failure_detail)
    return BatchAnswer(
        id=batch_name(batch.id),
        workspace=batch.slug,
        month=batch.month,
        state=batch.state,
        contacts=batch.contacts,
        accepted=batch.accepted,
        skipped=batch.skipped,
        rejected=batch.rejected,
        not_attachable=batch.not_attachable,
        settled=batch.settled,
        attempts=batch.claims,
        failure=failure,
        cancel_requested=batch.cancel_requested,
        hold=batch.hold,
        stuck=stuck(batch, now=now),
        position=position,
        lease_until=batch.lease_until,
        created_at=batch.created_at,
        updated_at=batch.updated_at,
    )


def _filter(given: BatchesQuery, caller: Caller) -> BatchFilter:
    return BatchFilter(
        states=frozenset(map(BatchState, given.status.split(","))) if given.status else frozenset(),
        slug=given.workspace or caller.slug,
        month=given.month,
        codes=frozenset(given.code.split(",")) if given.code else frozenset(),
        created_from=given.created_after,
        created_before=given.created_before,
        min_claims=given.min_attempts,
        email=normalise_email(given.email) if given.email else None,
        batch_id=parse_batch_name(given.batch) if given.batch else None,
    )


def _attempt(attempt: AttemptView, caller: Caller) -> AttemptAnswer:
    """Show an attempt; the names of our hosts are no client's business."""
    answer = AttemptAnswer.model_validate(attempt)
    return answer.model_copy(update={"worker": ""}) if caller.role is Role.CLIENT else answer


def _decision(decision: DecisionView, caller: Caller) -> DecisionAnswer:
    answer = DecisionAnswer.model_validate(decision)
    return answer.model_copy(update={"by": decided_by(answer.by, caller)})
