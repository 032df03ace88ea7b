"""What verification needs from outside: candidates, questions on record, somebody to ask."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from maverick_core.pipeline.verification.rules import Settled, Waiting
from maverick_core.pipeline.verification.verdicts import Finding, Policy, Reason, Verdict
from maverick_core.retry import Trouble


@dataclass(frozen=True, slots=True)
class Found:
    """The provider's answer is there: one finding for each mailbox that it was asked about."""

    findings: Sequence[Finding]


@dataclass(frozen=True, slots=True)
class Asked:
    """The provider works on it; ``reference`` is what it calls the question."""

    reference: str


@dataclass(frozen=True, slots=True)
class NotYet:
    """The provider still works on it; ask again after so many seconds."""

    after_seconds: float


@dataclass(frozen=True, slots=True)
class Declined:
    """The provider will not answer us: nothing it is asked helps before somebody mends that."""

    code: str
    why: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider will not answer this question, whoever asks it; another one it may."""

    code: str
    why: str


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The provider knows of no such question: it has to be asked again, with its key."""


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The provider did not answer this time."""

    trouble: Trouble
    why: str
    retry_after: float | None = None


AskAnswer = Found | Asked | Declined | Refused | NoAnswer
Answer = Found | NotYet | Forgotten | Declined | Refused | NoAnswer


class Verifier(Protocol):
    """Somebody who knows about mailboxes. Never raises for what the provider does."""

    @property
    def name(self) -> str:
        """What it is called on record; a budget is a provider's."""
        ...

    def ask(self, key: str, emails: Sequence[str]) -> AskAnswer:
        """Ask about mailboxes. The same ``key`` again is the same question, paid for once."""
        ...

    def answer(self, reference: str) -> Answer:
        """Return the answer to a question that was asked."""
        ...

    def introduce(self) -> str:
        """Say who would be asked, after a look whether they answer; nothing is paid for.

        Raises:
            Unauthorised: they refuse us.
            Unavailable: they do not answer now.

        """
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """A question on record: a worker that dies leaves it to the next one.

    ``reference`` is None as long as it is not known whether the provider has heard of it.
    """

    id: int
    key: str
    provider: str
    reference: str | None
    emails: Sequence[str]


class CandidatePage(Protocol):
    """Some candidates of a workspace, held while they are settled."""

    @property
    def waiting(self) -> Sequence[Waiting]:
        """Those without a verdict, in order of id."""
        ...

    @property
    def last(self) -> int | None:
        """The id that the page ends with; None where nothing comes after it."""
        ...

    def known(self, emails: Collection[str]) -> Mapping[str, Finding]:
        """Return what is believed of which of ``emails``."""
        ...

    def catch_all(self, domains: Collection[str]) -> Mapping[str, bool]:
        """Return which of ``domains`` are remembered; True takes any name."""
        ...

    def settle(self, settled: Sequence[Settled]) -> None:
        """Put verdicts on record; a candidate that is mailable is a contact from now on."""
        ...


class Candidates(Protocol):
    """Candidates, and what a workspace accepts."""

    def candidate_page(
        self, workspace_id: int, *, after: int, limit: int, at: datetime
    ) -> AbstractContextManager[CandidatePage]:
        """Hold up to ``limit`` candidates with ids above ``after``, in one transaction.

        Two who ask for one workspace follow each other. A clean exit commits what was settled, an
        exception leaves nothing behind.
        """
        ...

    def first_waiting(self, workspace_id: int) -> int:
        """Return an id that no candidate without a verdict is below or at, as high as is known."""
        ...

    def wait_again(self, workspace_id: int, verdicts: Collection[Verdict], *, at: datetime) -> int:
        """Take back verdicts that are not mailable and no longer believed; return how many."""
        ...

    def policy(self, workspace_id: int) -> Policy:
        """Return what the workspace accepts, the default where nothing was set."""
        ...

    def set_policy(
        self,
        workspace_id: int,
        policy: Policy,
        *,
        by: str,
        at: datetime,
        seen: Policy | None = None,
    ) -> None:
        """Set it, and take back the verdicts that are not mailable: they are judged anew.

        Raises:
            Missing: no such workspace.
            Conflict: ``changed_meanwhile``, it is not the one ``seen``; nothing is changed.

        """
        ...


class Questions(Protocol):
    """Questions on record, and what came of them. Each call is one transaction."""

    def open_question(self, workspace_id: int) -> Question | None:
        """Return the workspace's question that has no answer yet."""
        ...

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
        """Put a question on record before it is asked, as far as the day's budget goes.

        Mailboxes that are believed meanwhile are left out, as another workspace may have asked, and
        so are those beyond the budget; None where none is left. Where the workspace has an open
        question, that one is returned and nothing is spent. A day is one in UTC.
        """
        ...

    def question_asked(self, question_id: int, reference: str) -> None:
        """Note what the provider calls it."""
        ...

    def question_answered(
        self,
        question_id: int,
        findings: Sequence[Finding],
        catch_all: Mapping[str, bool],
        *,
        at: datetime,
    ) -> None:
        """Believe the findings and remember the domains; the question is closed. Twice is once.

        Without findings it is closed for nothing: whom it was about may be asked for again.
        """
        ...

    def spent(self, provider: str, *, at: datetime) -> int:
        """Return how many mailboxes the provider was asked about that day."""
        ...


@dataclass(frozen=True, slots=True)
class VerificationCounts:
    """How many candidates of a workspace are where; ``contacts`` are those that became one."""

    waiting: int
    contacts: int
    not_mailable: Mapping[tuple[Verdict, Reason], int]


class VerificationViews(Protocol):
    """Reads for people."""

    def verification_counts(self, workspace_id: int) -> VerificationCounts:
        """Return how many candidates are where."""
        ...

    def believed(self, *, at: datetime) -> Mapping[Verdict, int]:
        """Return how many mailboxes are believed to be what; reads all that was ever found."""
        ...
