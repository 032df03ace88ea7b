"""Verification that somebody asks for and a worker does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from maverick_core.kernel.time import Clock
from maverick_core.kernel.waiting import Breaths
from maverick_core.operations.ports import OperationRecord, Operations
from maverick_core.operations.rules import NewOperation, Operation, OperationClaim, OperationKind
from maverick_core.pipeline.verification.ports import VerificationViews
from maverick_core.pipeline.verification.service import Verified, VerifyAgain, VerifyCandidates
from maverick_core.workspaces.ports import Workspaces

LEASE_SECONDS: Final = 600.0
"""Longer than a provider is waited for without a sign of life: a call, and the rest after it."""


@dataclass(frozen=True, slots=True)
class RequestVerification:
    """Use case: ask for a workspace's candidates to be verified."""

    workspaces: Workspaces
    operations: Operations
    clock: Clock

    def __call__(self, slug: str, *, by: str, again: bool = False) -> Operation:
        """Put the wish on record; ``again`` takes back what is not believed any more first.

        Raises:
            Missing: no such workspace.

        """
        self.workspaces.workspace(slug)
        new = verification_wanted(slug, by=by, again=again)
        return self.operations.add_operation(new, at=self.clock.now())


def verification_wanted(slug: str, *, by: str, again: bool = False) -> NewOperation:
    """Return the wish for verification as it is put on record."""
    kind = OperationKind.VERIFY_AGAIN if again else OperationKind.VERIFY
    return NewOperation(kind, slug, {}, by)


@dataclass(frozen=True, slots=True)
class VerifyAsRequested:
    """Verify a workspace's candidates for whoever asked, or again, by the kind of the operation.

    Two workers on one workspace share its open question, so nothing but time is lost by it.
    """

    workspaces: Workspaces
    verify: VerifyCandidates
    verify_again: VerifyAgain
    views: VerificationViews
    record: OperationRecord
    breaths: Breaths
    lease_seconds: float = LEASE_SECONDS

    def __call__(self, claim: OperationClaim) -> None:
        """Verify them; see ``Deed``."""
        slug = claim.slug or ""
        waiting = self.views.verification_counts(self.workspaces.workspace(slug).id).waiting

        def tell(so_far: Verified, *, lease_seconds: float = self.lease_seconds) -> None:
            self.record.advance_operation(
                claim,
                done=so_far.settled,
                total=max(waiting, so_far.settled),
                lease_seconds=lease_seconds,
            )

        breath = self.breaths.flights()
        use_case = self.verify_again if claim.kind is OperationKind.VERIFY_AGAIN else self.verify
        verified = use_case(slug, breath=breath, told=tell)
        if breath.stopping():  # the next worker need not wait for the lease
            tell(verified, lease_seconds=0)
            return
        result = {
            "settled": verified.settled,
            "mailable": verified.mailable,
            "asked": verified.asked,
            "why": verified.why,
        }
        self.record.succeed_operation(claim, result, done=verified.settled)
