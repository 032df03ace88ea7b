"""Verification: pages settled by what is known, questions within a day's budget, late answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from contracts.machines.stages.filtering import judge_page
from contracts.machines.stages.people import (
    CATCH_ALL,
    DOMAINS,
    Found,
    as_raw,
    mailboxes,
    slugs,
)
from contracts.machines.stages.places import MANY, StagePlace
from contracts.machines.stages.stage import (
    AFTER,
    BEFORE,
    DAY,
    HOUR,
    Stage,
    deaths,
    dies,
    limits,
    survived,
)
from contracts.machines.stages.told import PROVIDERS, believed
from contracts.store.site import SiteFactory
from maverick_core.pipeline.filtering.rule_set import RuleSet, rule_set_json
from maverick_core.pipeline.raw import Origin, OriginKind
from maverick_core.pipeline.verification.rules import remembered_domains, settle
from maverick_core.pipeline.verification.verdicts import Finding, Policy, Reason, Verdict

BUDGET: Final = 3  # mailboxes a day
EVERYBODY: Final = RuleSet(role_accounts=False, disposable_domains=False, personal_domains=False)
RUN: Final = Origin(OriginKind.SCRAPE_RUN, 1)
_KINDS: Final = (
    (Verdict.VALID, Reason.MAILBOX_EXISTS),
    (Verdict.INVALID, Reason.NO_SUCH_MAILBOX),
    (Verdict.UNKNOWN, Reason.NO_ANSWER),
    (Verdict.RISKY, Reason.ROLE),
    (Verdict.RISKY, Reason.MAILBOX_UNCHECKED),
)
kinds = st.sampled_from(_KINDS)
someone = st.lists(mailboxes, min_size=1, max_size=4)
risks = st.frozensets(st.sampled_from([Reason.ROLE, Reason.CATCH_ALL, Reason.MAILBOX_UNCHECKED]))
_LATER: Final = (0, 4 * HOUR - 1, 4 * HOUR, 14 * DAY, 30 * DAY - 1, 30 * DAY, 180 * DAY)


class Verifying(Stage):
    """Brings candidates to a verdict."""

    def __init__(self, *factories: SiteFactory) -> None:
        """Let everybody through the filter, who is not suppressed."""
        super().__init__(*factories)
        for place in self.places:
            for id_ in place.ids.values():
                rules, at = rule_set_json(EVERYBODY), place.site.clock.now()
                place.record.add_rule_set(id_, rules, by="pat", at=at)

    @rule(slug=slugs, emails=someone)
    def bring(self, slug: str, emails: list[str]) -> None:
        """Make candidates of those that are none yet."""
        self.together(lambda place: bring(place, slug, emails))

    @rule(slug=slugs, skip=st.booleans(), limit=limits, death=deaths)
    def settle_page(self, slug: str, limit: int, death: str, *, skip: bool) -> None:
        """Settle a page of those that are known, from the first that waits on or from the start."""
        self.together(lambda place: survived(lambda: _settle(place, slug, limit, death, skip=skip)))

    @rule(
        slug=slugs,
        emails=someone,
        provider=st.sampled_from(PROVIDERS),
        limit=st.sampled_from([BUDGET, BUDGET, BUDGET - 1, None]),
    )
    def ask(self, slug: str, emails: list[str], provider: str, limit: int | None) -> None:
        """Put a question on record, or be told of the one that is open."""
        self.together(lambda place: _ask(place, slug, emails, provider, limit))

    @rule(slug=slugs, kind=kinds)
    def verify_rest(self, slug: str, kind: tuple[Verdict, Reason]) -> None:
        """Ask about all that wait, as far as the budget goes, and settle them."""
        owner = self.first.ids[slug]
        emails = [row.email for row in self.first.raw.candidates if row.workspace_id == owner]
        self.ask(slug, emails, PROVIDERS[0], BUDGET)
        for index, question in enumerate(self.first.crew.questions):
            if question == self.first.record.open_question(owner):
                findings = [Finding(email, *_found(email, kind)) for email in question.emails]
                self.together(lambda place, at=index, said=findings: _answer(place, at, said))  # type: ignore[misc]
        self.settle_page(slug, MANY, "", skip=True)

    @precondition(lambda self: self.first.crew.questions)
    @rule(data=st.data())
    def is_asked(self, data: st.DataObject) -> None:
        """Note that the provider works on a question, which may be answered already."""
        index = self._question(data)
        self.together(
            lambda place: place.record.question_asked(
                place.crew.questions[index].id, f"reference {index}"
            )
        )

    @precondition(lambda self: self.first.crew.questions)
    @rule(data=st.data(), kind=kinds, answers=st.sampled_from([0, 1, MANY, MANY]))
    def answer(self, data: st.DataObject, kind: tuple[Verdict, Reason], answers: int) -> None:
        """Answer a question, whole, in part or not at all; now and then one that is answered."""
        index = self._question(data)
        emails = self.first.crew.questions[index].emails[:answers]
        findings = [Finding(email, *_found(email, kind)) for email in emails]
        self.together(lambda place: _answer(place, index, findings))

    @rule(slug=slugs, verdicts=st.sampled_from([{Verdict.UNKNOWN, Verdict.RISKY}, set(Verdict)]))
    def wait_again(self, slug: str, verdicts: set[Verdict]) -> None:
        """Take back what is not believed any more."""
        self.together(
            lambda place: place.record.wait_again(
                place.ids[slug], verdicts, at=place.site.clock.now()
            )
        )

    @rule(slug=slugs, taken=risks)
    def set_policy(self, slug: str, taken: frozenset[Reason]) -> None:
        """Change what a workspace accepts."""
        self.together(
            lambda place: place.record.set_policy(
                place.ids[slug], Policy(taken), by="pat", at=place.site.clock.now()
            )
        )

    @rule(slug=slugs, later=st.sampled_from(_LATER))
    def look_ahead(self, slug: str, later: float) -> None:
        """See what will be believed, and where the next worker begins."""
        self.together(lambda place: _ahead(place, slug, later))

    def _question(self, data: st.DataObject) -> int:
        """Choose a question: as a rule one of the last."""
        last = len(self.first.crew.questions) - 1
        recent = [index for index in (last, last, last - 1) if index >= 0]
        index: int = data.draw(st.sampled_from([*recent, *range(last + 1)]), label="question")
        return index


def bring(place: StagePlace, slug: str, emails: Sequence[str], title: str | None = None) -> object:
    """Append raw contacts and judge what waits."""
    rows = [as_raw(number, Found(email, "Ann", title)) for number, email in enumerate(emails, 1)]
    place.record.add_raw(place.ids[slug], RUN, rows, at=place.site.clock.now())
    return judge_page(place, slug, MANY)


def _settle(place: StagePlace, slug: str, limit: int, death: str, *, skip: bool) -> object:
    id_, record = place.ids[slug], place.record
    policy = record.policy(id_)
    after = record.first_waiting(id_) if skip else 0
    with record.candidate_page(id_, after=after, limit=limit, at=place.site.clock.now()) as page:
        known = page.known([each.email for each in page.waiting])
        settled = list(settle(page.waiting, known, page.catch_all(DOMAINS), policy))
        dies(death, BEFORE)
        page.settle(settled)
        dies(death, AFTER)
    return [each.email for each in page.waiting], [each[1:] for each in settled], page.last is None


def _ask(
    place: StagePlace, slug: str, emails: Sequence[str], provider: str, limit: int | None
) -> object:
    crew = place.crew
    asked = place.record.begin_question(
        place.ids[slug],
        emails,
        key=f"key {len(crew.questions)}",
        provider=provider,
        daily_limit=limit,
        at=place.site.clock.now(),
    )
    if asked is None:
        return None
    if asked.id not in {each.id for each in crew.questions}:
        crew.questions.append(asked)
    return asked.key, asked.provider, asked.reference, list(asked.emails)


def _answer(place: StagePlace, index: int, findings: Sequence[Finding]) -> None:
    question, at = place.crew.questions[index], place.site.clock.now()
    domains = remembered_domains(findings)
    place.record.question_answered(question.id, findings, domains, at=at)


def _found(email: str, kind: tuple[Verdict, Reason]) -> tuple[Verdict, Reason]:
    return (Verdict.RISKY, Reason.CATCH_ALL) if email.endswith(CATCH_ALL) else kind


def _ahead(place: StagePlace, slug: str, later: float) -> object:
    id_, at = place.ids[slug], place.later(later)
    mine = [row.id for row in place.raw.candidates if row.workspace_id == id_]
    before = place.record.first_waiting(id_)
    spent = [place.record.spent(provider, at=at) for provider in PROVIDERS]
    return believed(place, later), spent, sum(candidate <= before for candidate in mine)
