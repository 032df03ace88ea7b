"""Do what was asked for, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from maverick_core.kernel.errors import MaverickError, Unavailable
from maverick_core.operations.ports import OperationRecord, WaitingOperations
from maverick_core.operations.rules import OperationClaim, OperationKind, Problem, StaleOperation

LEASE_SECONDS: Final = 120.0


class Deed(Protocol):
    """Does one kind of operation."""

    def __call__(self, claim: OperationClaim) -> None:
        """Do it, and put the success on record with the last of what it does.

        A worker that died may have done a part before, or all but telling: what is done already is
        not done again.

        Raises:
            StaleOperation: another worker has it.

        """
        ...


@dataclass(frozen=True, slots=True)
class RunOperation:
    """Use case: a worker does an operation that it was told of.

    An error that a person can do something about ends the operation. Where something does not
    answer, or a defect strikes, it stays as it is: the lease runs out and another worker goes on.
    """

    record: OperationRecord
    deeds: Mapping[OperationKind, Deed]
    lease_seconds: float = LEASE_SECONDS

    def __call__(self, operation_id: int, *, worker: str) -> str:
        """Do it and return the code of how that ended; ``succeeded``, or why not.

        Raises:
            Unavailable: something did not answer.

        """
        claim = self.record.claim_operation(
            operation_id, worker=worker, lease_seconds=self.lease_seconds
        )
        if isinstance(claim, str):
            return claim
        try:
            return self._do(claim)
        except StaleOperation:
            return "taken"

    def _do(self, claim: OperationClaim) -> str:
        try:
            self.deeds[claim.kind](claim)
        except (Unavailable, StaleOperation):
            raise
        except MaverickError as error:
            self.record.fail_operation(claim, Problem(error.code, str(error), error.remedy))
            return error.code
        return "succeeded"


@dataclass(frozen=True, slots=True)
class AnnounceOperations:
    """Use case: the sweep for operations whose message was lost, or whose worker died."""

    waiting: WaitingOperations
    patience_seconds: float = 60.0
    limit: int = 1_000

    def __call__(self) -> int:
        """Announce what waits and return how many that were."""
        return self.waiting.announce_operations(
            patience_seconds=self.patience_seconds, limit=self.limit
        )
