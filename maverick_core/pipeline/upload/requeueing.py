"""Many batches sent round again: what became of each, and of all together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

from maverick_core.kernel.errors import Conflict, Missing, Rejected
from maverick_core.kernel.ids import batch_name
from maverick_core.kernel.time import Clock
from maverick_core.operations.ports import OperationRecord, Operations
from maverick_core.operations.rules import NewOperation, Operation, OperationClaim, OperationKind
from maverick_core.operations.service import LEASE_SECONDS
from maverick_core.pipeline.batch import BatchState
from maverick_core.pipeline.pages import BatchFilter, BatchPages
from maverick_core.pipeline.upload.desk import BatchDesk, Decision
from maverick_core.pipeline.views import BatchViews, no_batch
from maverick_core.workspaces.ports import Workspaces

MOST: Final = 10_000
"""Batches that one operation re-queues."""
_PACE: Final = 50  # batches between two marks of progress


@dataclass(frozen=True, slots=True)
class Requeued:
    """What became of one batch; ``code`` is why it was skipped, empty where it was not."""

    batch_id: int
    code: str = ""
    detail: str = ""


def summary(results: Sequence[Requeued]) -> dict[str, Any]:
    """Return how many were re-queued, and why others were skipped, batch by batch."""
    skipped = Counter(each.code for each in results if each.code)
    return {
        "total": len(results),
        "done": len(results) - skipped.total(),
        "skipped": dict(sorted(skipped.items())),
        "items": [_item(each) for each in results],
    }


def _item(each: Requeued) -> Mapping[str, str]:
    name = batch_name(each.batch_id)
    if not each.code:
        return {"batch": name, "result": "done"}
    return {"batch": name, "result": "skipped", "code": each.code, "detail": each.detail}


@dataclass(frozen=True, slots=True)
class RequeueBatches:
    """Use case: a person sends several failed batches round again, each in its own transaction."""

    views: BatchViews
    desk: BatchDesk
    clock: Clock

    def __call__(
        self,
        batch_ids: Sequence[int],
        *,
        by: str,
        reason: str = "",
        slug: str | None = None,
        operation_id: int | None = None,
    ) -> Iterator[Requeued]:
        """Yield what became of each; one that cannot be re-queued leaves the others alone.

        Batches that are not of ``slug`` do not exist.
        """
        for batch_id in batch_ids:
            decision = Decision(by, self.clock.now(), reason, operation_id)
            try:
                self._check_reach(batch_id, slug)
                self.desk.requeue(batch_id, decision)
            except (Missing, Conflict) as error:
                yield Requeued(batch_id, error.code, str(error))
            else:
                yield Requeued(batch_id)

    def _check_reach(self, batch_id: int, slug: str | None) -> None:
        if slug not in {None, self.views.batch(batch_id).slug}:
            raise no_batch(batch_id)


@dataclass(frozen=True, slots=True)
class RequestRequeue:
    """Use case: ask for all failed batches that match to be sent round again."""

    workspaces: Workspaces
    pages: BatchPages
    operations: Operations
    clock: Clock

    def __call__(
        self,
        *,
        slug: str | None = None,
        codes: AbstractSet[str] = frozenset(),
        by: str,
        reason: str,
    ) -> Operation:
        """Put the wish on record with the batches that match now.

        So what is done is what the person saw, whoever fails meanwhile.

        Raises:
            Missing: no such workspace.
            Rejected: ``no_batch_matches``, or ``too_many_batches``.

        """
        if slug is not None:
            self.workspaces.workspace(slug)
        wanted = BatchFilter(frozenset({BatchState.FAILED}), slug, codes=codes)
        ids = [batch.id for batch in self.pages.batches(wanted, limit=MOST + 1)]
        if not ids:
            raise Rejected("No failed batch matches.", code="no_batch_matches")
        if len(ids) > MOST:
            raise Rejected(
                f"More than {MOST:,} batches match.",
                code="too_many_batches",
                remedy="Choose a workspace or a reason.",
            )
        arguments = {"batches": sorted(ids), "reason": reason}
        new = NewOperation(OperationKind.REQUEUE_BATCHES, slug, arguments, by)
        return self.operations.add_operation(new, at=self.clock.now())


@dataclass(frozen=True, slots=True)
class RequeueAsRequested:
    """Re-queue what was asked for. Each decision names the operation and so is made once."""

    requeue_batches: RequeueBatches
    record: OperationRecord

    def __call__(self, claim: OperationClaim) -> None:
        """Re-queue; see ``Deed``."""
        ids: Sequence[int] = claim.arguments["batches"]
        results: list[Requeued] = []
        for each in self.requeue_batches(
            ids,
            by=claim.by,
            reason=claim.arguments["reason"],
            slug=claim.slug,
            operation_id=claim.id,
        ):
            results.append(each)
            if len(results) % _PACE == 0:
                self.record.advance_operation(
                    claim, done=len(results), total=len(ids), lease_seconds=LEASE_SECONDS
                )
        self.record.succeed_operation(claim, summary(results), done=len(ids))
