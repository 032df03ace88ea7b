"""Which candidates may be written to, and what asking about them costs."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from maverick_core.access.rules import Action, Scope
from maverick_core.kernel.time import Clock
from maverick_core.pipeline.verification.asking import AskVerifier
from maverick_core.pipeline.verification.ports import Candidates, VerificationViews
from maverick_core.pipeline.verification.request import RequestVerification
from maverick_core.pipeline.verification.service import RehearseVerification, SetPolicy
from maverick_core.pipeline.verification.verdicts import RISKS, Policy
from maverick_core.workspaces.ports import Workspaces
from maverick_http.resources.operations import accepted
from maverick_http.routes import Call, Reply, route
from maverick_http.schemas.base import NoBody, NoQuery
from maverick_http.schemas.operations import OperationAnswer
from maverick_http.schemas.verification import (
    NotMailableAnswer,
    PolicyAnswer,
    PolicyBody,
    RehearsedAnswer,
    VerificationAnswer,
    VerifierAnswer,
    VerifyBody,
)
from maverick_http.versions import check_version

_OF_ONE: Final = "/workspaces/{slug}/verification"
_POLICY: Final = _OF_ONE + "/policy"
_LOOKED_AT: Final = 200_000
"""Candidates of a preview: some ten seconds of the minute that a request may take."""


@dataclass(frozen=True, slots=True)
class VerificationResource:
    """Candidates: count, preview, verify. Risks: show, set. The verifier: show."""

    workspaces: Workspaces
    candidates: Candidates
    views: VerificationViews
    ask_verifier: AskVerifier
    rehearse: RehearseVerification
    set_policy: SetPolicy
    request: RequestVerification
    clock: Clock

    @route("GET", _OF_ONE, scope=Scope.VERIFICATION_READ, answers=VerificationAnswer)
    def show(self, call: Call[NoQuery], slug: str) -> Reply:  # noqa: ARG002 - nothing to ask
        """Count a workspace's candidates, by verdict and reason."""
        counts = self.views.verification_counts(self.workspaces.workspace(slug).id)
        return Reply(
            VerificationAnswer(
                workspace=slug,
                waiting=counts.waiting,
                contacts=counts.contacts,
                not_mailable=[
                    NotMailableAnswer(verdict=verdict, reason=reason, candidates=count)
                    for (verdict, reason), count in sorted(counts.not_mailable.items())
                ],
            )
        )

    @route(
        "GET",
        "/verification",
        scope=Scope.VERIFICATION_READ,
        answers=VerifierAnswer,
        everywhere=True,
    )
    def verifier(self, call: Call[NoQuery]) -> Reply:  # noqa: ARG002 - nothing to ask
        """Show who is asked, today's budget, and how many mailboxes are known already."""
        now, asking = self.clock.now(), self.ask_verifier
        return Reply(
            VerifierAnswer(
                verifier=asking.verifier.name,
                daily_limit=asking.terms.daily_limit,
                spent_today=asking.questions.spent(asking.verifier.name, at=now),
                budget_left=asking.budget_left(),
                believed=self.views.believed(at=now),
            )
        )

    @route("GET", _POLICY, scope=Scope.VERIFICATION_READ, answers=PolicyAnswer)
    def policy(self, call: Call[NoQuery], slug: str) -> Reply:  # noqa: ARG002 - nothing to ask
        """Show which risks a workspace takes. Their ETag is what a change is based on."""
        return self._policy(slug)

    @route(
        "PUT",
        _POLICY,
        scope=Scope.VERIFICATION_WRITE,
        takes=PolicyBody,
        answers=PolicyAnswer,
        conditional=True,
        audited=Action.RISKS_SET,
    )
    def change(self, call: Call[PolicyBody], slug: str) -> Reply:
        """Take these risks and no others.

        Who was turned down for one is judged anew by the next run; who is a contact stays one.
        """
        before = self.candidates.policy(self.workspaces.workspace(slug).id)
        check_version(call.if_match, _version(slug, before))
        self.set_policy(slug, call.given.risks, by=call.actor, seen=call.seen(before))
        return self._policy(slug)

    @route(
        "POST",
        _OF_ONE + ":preview",
        scope=Scope.VERIFICATION_WRITE,
        takes=NoBody,
        answers=RehearsedAnswer,
        everywhere=True,
    )
    def preview(self, call: Call[NoBody], slug: str) -> Reply:  # noqa: ARG002 - nothing to say
        """Say what a run would settle now, and what it would ask about. Nobody is asked.

        What was found out for other workspaces counts as known. Of more than 200,000 candidates
        the oldest are looked at.
        """
        done = self.rehearse(slug, at_most=_LOOKED_AT)
        return Reply(
            RehearsedAnswer(
                workspace=slug,
                settled=done.settled,
                mailable=done.mailable,
                to_ask=done.to_ask,
                verifier=self.ask_verifier.verifier.name,
                budget_left=done.budget_left,
                complete=done.complete,
            )
        )

    @route(
        "POST",
        _OF_ONE + "/runs",
        scope=Scope.VERIFICATION_WRITE,
        takes=VerifyBody,
        answers=OperationAnswer,
        status=HTTPStatus.ACCEPTED,
        once=True,
        audited=Action.VERIFY_RUN,
    )
    def run(self, call: Call[VerifyBody], slug: str) -> Reply:
        """Ask for the candidates that wait to be verified, as far as the day's budget goes.

        A worker does it; those that may be written to are contacts then.
        """
        return accepted(self.request(slug, by=call.actor, again=call.given.again), call.caller)

    def _policy(self, slug: str) -> Reply:
        policy = self.candidates.policy(self.workspaces.workspace(slug).id)
        shown = PolicyAnswer(workspace=slug, risks=sorted(policy.risks), may_be_taken=[*RISKS])
        return Reply(shown, version=_version(slug, policy))


def _version(slug: str, policy: Policy) -> object:
    return [slug, sorted(policy.risks)]
