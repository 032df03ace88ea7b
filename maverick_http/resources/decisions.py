"""What people decide about batches."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from maverick_core.access.rules import Action, Scope
from maverick_core.kernel.ids import batch_name, parse_batch_name
from maverick_core.kernel.time import Clock
from maverick_core.pipeline.upload.desk import CancelBatch, RequeueBatch
from maverick_core.pipeline.upload.requeueing import RequestRequeue, RequeueBatches, Requeued
from maverick_core.pipeline.views import BatchViews
from maverick_http.resources.batches import shown
from maverick_http.resources.operations import accepted
from maverick_http.routes import Call, Reply, route
from maverick_http.schemas.batches import (
    BatchAnswer,
    DecisionBody,
    ItemAnswer,
    RequeueAllBody,
    RequeueBody,
    RequeuedAnswer,
)
from maverick_http.schemas.operations import OperationAnswer
from maverick_http.versions import check_version


@dataclass(frozen=True, slots=True)
class DecisionsResource:
    """Decisions: re-queue one, some or all that match; cancel one."""

    views: BatchViews
    clock: Clock
    requeue_batch: RequeueBatch
    cancel_batch: CancelBatch
    requeue_batches: RequeueBatches
    request_requeue: RequestRequeue

    @route(
        "POST",
        "/batches/{batch}:requeue",
        scope=Scope.BATCHES_WRITE,
        takes=DecisionBody,
        answers=BatchAnswer,
        once=True,
        conditional=True,
        audited=Action.BATCH_REQUEUE,
        subject="{batch}",
    )
    def requeue(self, call: Call[DecisionBody], batch: str) -> Reply:
        """Send a failed batch round again. What Email Bison took already is not sent again.

        Only failed ones: `not_failed` says what the batch is instead.
        """
        batch_id = parse_batch_name(batch)
        version = self._checked(call, batch_id)
        self.requeue_batch(batch_id, by=call.actor, reason=call.given.reason, version=version)
        return self._reply(batch_id)

    @route(
        "POST",
        "/batches/{batch}:cancel",
        scope=Scope.BATCHES_WRITE,
        takes=DecisionBody,
        answers=BatchAnswer,
        once=True,
        conditional=True,
        audited=Action.BATCH_CANCEL,
        subject="{batch}",
    )
    def cancel(self, call: Call[DecisionBody], batch: str) -> Reply:
        """Stop a batch. What Email Bison took stays counted, the other contacts are free again.

        Where contacts are in doubt, `cancel_requested` stands until a worker has settled them.
        """
        batch_id = parse_batch_name(batch)
        version = self._checked(call, batch_id)
        self.cancel_batch(batch_id, by=call.actor, reason=call.given.reason, version=version)
        return self._reply(batch_id)

    @route(
        "POST",
        "/batches:requeue",
        scope=Scope.BATCHES_WRITE,
        takes=RequeueBody,
        answers=RequeuedAnswer,
        everywhere=True,
        once=True,
        audited=Action.BATCH_REQUEUE,
        subject="{ids}",
    )
    def requeue_some(self, call: Call[RequeueBody]) -> Reply:
        """Send several failed batches round again, and say of each what became of it."""
        ids = list(dict.fromkeys(map(parse_batch_name, call.given.ids)))
        done = self.requeue_batches(ids, by=call.actor, reason=call.given.reason)
        results = [_item(each) for each in done]
        skipped = [each.code for each in results if each.code]
        return Reply(
            RequeuedAnswer(
                total=len(results),
                done=len(results) - len(skipped),
                skipped={code: skipped.count(code) for code in sorted(set(skipped))},
                items=results,
            )
        )

    @route(
        "POST",
        "/workspaces/{slug}/batches:requeue",
        scope=Scope.BATCHES_WRITE,
        takes=RequeueAllBody,
        answers=OperationAnswer,
        status=HTTPStatus.ACCEPTED,
        once=True,
        audited=Action.BATCH_REQUEUE,
    )
    def requeue_all(self, call: Call[RequeueAllBody], slug: str) -> Reply:
        """Send all failed batches of a workspace round again, or those with certain reasons.

        Those that have failed by now are meant. A worker does it; see the operation.
        """
        given = call.given
        asked = self.request_requeue(
            slug=slug, codes=frozenset(given.codes), by=call.actor, reason=given.reason
        )
        return accepted(asked, call.caller)

    def _checked(self, call: Call[DecisionBody], batch_id: int) -> str | None:
        """Return the version that the record is to hold the decision to."""
        version = self.views.batch(batch_id).version
        check_version(call.if_match, version)
        return None if call.if_match is None else version

    def _reply(self, batch_id: int) -> Reply:
        view = self.views.batch(batch_id)
        return Reply(shown(view, now=self.clock.now()), version=view.version)


def _item(each: Requeued) -> ItemAnswer:
    return ItemAnswer(
        id=batch_name(each.batch_id),
        result="skipped" if each.code else "done",
        code=each.code,
        detail=each.detail,
    )
