"""Verify what waits: settle what is known, ask about the rest, within the day's budget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from maverick_core.kernel.time import Clock
from maverick_core.kernel.waiting import Breath
from maverick_core.pipeline.verification.asking import STOPPED, AskVerifier
from maverick_core.pipeline.verification.ports import Candidates
from maverick_core.pipeline.verification.rules import Settled
from maverick_core.pipeline.verification.verdicts import Policy, Reason, Verdict, policy_of
from maverick_core.pipeline.verification.walking import PAGE, Walk, judge
from maverick_core.workspaces.ports import Workspaces

Told = Callable[["Verified"], None]


@dataclass(frozen=True, slots=True)
class Verified:
    """What a run settled so far; ``reasons`` says as what.

    ``asked`` are the mailboxes that the provider answered for. ``why`` says what kept the run from
    going on, and is empty when nothing waits any more.
    """

    slug: str
    settled: int = 0
    mailable: int = 0
    reasons: Mapping[tuple[Verdict, Reason], int] = field(default_factory=dict)
    asked: int = 0
    why: str = ""


class _Tally:
    """Counts what a run settles, and tells of it."""

    def __init__(self, slug: str, told: Told) -> None:
        self._slug = slug
        self._told = told
        self._mailable = 0
        self._reasons: Counter[tuple[Verdict, Reason]] = Counter()
        self.asked = 0

    def add(self, settled: Sequence[Settled]) -> None:
        """Count them, and tell of it."""
        self._mailable += sum(each.mailable for each in settled)
        self._reasons.update((each.verdict, each.reason) for each in settled)
        self.tell()

    def tell(self) -> None:
        """Say how far it is."""
        self._told(self.verified())

    def verified(self, why: str = "") -> Verified:
        """Return what it came to."""
        reasons = dict(self._reasons)
        total = self._reasons.total()
        return Verified(self._slug, total, self._mailable, reasons, self.asked, why)


@dataclass(frozen=True, slots=True)
class VerifyCandidates:
    """Use case: bring a workspace's candidates to a verdict, as far as the budget goes.

    Findings are believed before candidates are settled by them, a page a transaction. So it may
    die anywhere and be run again, by anybody. Of a question that is answered, candidates are
    settled while the next one is worked on.
    """

    workspaces: Workspaces
    candidates: Candidates
    ask: AskVerifier
    clock: Clock

    def __call__(self, slug: str, *, breath: Breath, told: Told = lambda _: None) -> Verified:
        """Settle and ask until nothing waits; ``told`` hears how far it is, also while it waits.

        Raises:
            Missing: no such workspace.
            Unavailable: the database fails; what was settled is on record.

        """
        workspace_id = self.workspaces.workspace(slug).id
        tally = _Tally(slug, told)
        walk = Walk(
            self.candidates,
            self.clock,
            workspace_id,
            tally.add,
            limit=self.ask.terms.question,
            breath=breath,
        )
        while not breath.stopping():
            heard = self.ask(
                workspace_id, walk.whom(), breath=breath, beat=tally.tell, meanwhile=walk.go_on
            )
            if heard is None:
                return tally.verified(STOPPED if breath.stopping() else "")
            tally.asked += heard.mailboxes
            if heard.why:
                walk.settle()
                return tally.verified(heard.why)
            walk.answered(heard.domains)
        return tally.verified(STOPPED)


@dataclass(frozen=True, slots=True)
class VerifyAgain:
    """Use case: take back what is not believed any more, and verify it within the budget.

    The job of ``verification_maintenance``: who was unknown, or a risk, may be known by now.
    """

    workspaces: Workspaces
    candidates: Candidates
    verify: VerifyCandidates
    clock: Clock

    def __call__(self, slug: str, *, breath: Breath, told: Told = lambda _: None) -> Verified:
        """Do it for one workspace; see ``VerifyCandidates``."""
        workspace_id = self.workspaces.workspace(slug).id
        again = (Verdict.UNKNOWN, Verdict.RISKY)
        self.candidates.wait_again(workspace_id, again, at=self.clock.now())
        return self.verify(slug, breath=breath, told=told)


@dataclass(frozen=True, slots=True)
class RehearseVerification:
    """Use case: say what a run would settle, whom it would ask about, and put nothing on record.

    What a catch-all domain would save is not known before its first mailbox is asked for, so that
    ``to_ask`` is the most that a run can cost.
    """

    workspaces: Workspaces
    candidates: Candidates
    ask: AskVerifier
    clock: Clock

    def __call__(
        self, slug: str, *, at_most: int | None = None, page_size: int = PAGE
    ) -> Rehearsed:
        """Look at every candidate that waits, or ``at_most`` so many and the rest of a page.

        Raises:
            Missing: no such workspace.

        """
        workspace_id = self.workspaces.workspace(slug).id
        policy = self.candidates.policy(workspace_id)
        settled = mailable = to_ask = 0
        after: int | None = self.candidates.first_waiting(workspace_id)
        while after is not None and (at_most is None or settled + to_ask < at_most):
            with self.candidates.candidate_page(
                workspace_id, after=after, limit=page_size, at=self.clock.now()
            ) as page:
                found, left = judge(page, policy, {})
                after = page.last
            settled += len(found)
            mailable += sum(each.mailable for each in found)
            to_ask += len(left)
        budget_left, complete = self.ask.budget_left(), after is None
        return Rehearsed(slug, settled, mailable, to_ask, budget_left, complete)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a run would do: settle by what is known, and ask about ``to_ask`` at the most.

    ``budget_left`` are today's mailboxes; None without a limit. Where it is not ``complete``, more
    candidates wait than were looked at.
    """

    slug: str
    settled: int
    mailable: int
    to_ask: int
    budget_left: int | None
    complete: bool = True


@dataclass(frozen=True, slots=True)
class SetPolicy:
    """Use case: say which risks a workspace takes; what was turned down for one is judged anew."""

    workspaces: Workspaces
    candidates: Candidates
    clock: Clock

    def __call__(
        self, slug: str, risks: Sequence[str], *, by: str, seen: Policy | None = None
    ) -> Policy:
        """Set it.

        Raises:
            Missing: no such workspace.
            Conflict: ``changed_meanwhile``, the policy in force is not the one ``seen``.
            Rejected: ``bad_policy``.

        """
        policy = policy_of(risks)
        workspace_id = self.workspaces.workspace(slug).id
        self.candidates.set_policy(workspace_id, policy, by=by, at=self.clock.now(), seen=seen)
        return policy
