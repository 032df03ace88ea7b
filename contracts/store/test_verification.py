"""``Candidates``, ``Questions``, ``VerificationViews``: settled once, asked and paid for once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from contracts.store.site import Site, at_once, contact
from maverick_core.kernel.errors import Conflict, Missing
from maverick_core.pipeline.filtering.codes import KEPT
from maverick_core.pipeline.filtering.ports import Candidate
from maverick_core.pipeline.filtering.ports import Verdict as Judgement
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind
from maverick_core.pipeline.verification.ports import CandidatePage, Question, VerificationCounts
from maverick_core.pipeline.verification.rules import Settled, Waiting
from maverick_core.pipeline.verification.verdicts import (
    DOMAIN_BELIEVED,
    Finding,
    Policy,
    Reason,
    Verdict,
    believed_until,
)
from maverick_core.workspaces.rules import Workspace

VALID = (Verdict.VALID, Reason.MAILBOX_EXISTS)
INVALID = (Verdict.INVALID, Reason.NO_SUCH_MAILBOX)
UNKNOWN = (Verdict.UNKNOWN, Reason.NO_ANSWER)
CATCH_ALL = (Verdict.RISKY, Reason.CATCH_ALL)
RUN = Origin(OriginKind.SCRAPE_RUN, 1)


@pytest.fixture
def acme(site: Site) -> Workspace:
    """Add a workspace."""
    return site.workspace()


def address(name: str) -> str:
    """Return the mailbox of somebody."""
    return contact(name).email


def bring(site: Site, workspace: Workspace, *names: str) -> None:
    """Make those called ``names`` candidates."""
    rows = [NewRaw(at, email=address(name)) for at, name in enumerate(names, start=1)]
    site.record.add_raw(workspace.id, RUN, rows, at=site.clock.now())
    with site.record.raw_page(workspace.id, limit=len(rows)) as page:
        kept = [Candidate(row.id, row.email or "", "Ann", "Lee", *[None] * 7) for row in page.rows]
        verdicts = [Judgement(row.id, KEPT, "") for row in page.rows]
        page.close(verdicts, kept, rules_version=0, at=site.clock.now())


def settled(page: CandidatePage, kind: tuple[Verdict, Reason], *, mailable: bool) -> list[str]:
    """Give everybody on the page one verdict; return who they were."""
    page.settle([Settled(each.id, *kind, mailable) for each in page.waiting])
    return [each.email.partition("@")[0] for each in page.waiting]


def settle(
    site: Site,
    workspace: Workspace,
    kind: tuple[Verdict, Reason] = VALID,
    *,
    limit: int = 99,
    mailable: bool | None = None,
) -> list[str]:
    """Settle the next page of those who wait; return who they were."""
    mailable = kind == VALID if mailable is None else mailable
    after = site.record.first_waiting(workspace.id)
    with site.record.candidate_page(
        workspace.id, after=after, limit=limit, at=site.clock.now()
    ) as page:
        return settled(page, kind, mailable=mailable)


def begin(
    site: Site,
    workspace: Workspace,
    *names: str,
    key: str = "k1",
    provider: str = "p",
    daily_limit: int | None = None,
) -> Question | None:
    """Put a question on record."""
    return site.record.begin_question(
        workspace.id,
        [address(name) for name in names],
        key=key,
        provider=provider,
        daily_limit=daily_limit,
        at=site.clock.now(),
    )


def begun(site: Site, workspace: Workspace, *names: str, key: str = "k1") -> Question:
    """Put a question on record that nothing speaks against."""
    question = begin(site, workspace, *names, key=key)
    assert question is not None
    return question


def answer(
    site: Site,
    question: Question,
    kind: tuple[Verdict, Reason] = VALID,
    domains: dict[str, bool] | None = None,
) -> None:
    """Answer a question with one finding for all."""
    findings = [Finding(email, *kind) for email in question.emails]
    site.record.question_answered(question.id, findings, domains or {}, at=site.clock.now())


def known(site: Site, workspace: Workspace, *names: str) -> dict[str, tuple[Verdict, Reason]]:
    """Return what is believed of whom."""
    with site.record.candidate_page(workspace.id, after=0, limit=1, at=site.clock.now()) as page:
        found = page.known([address(name) for name in names])
    return {email.partition("@")[0]: (each.verdict, each.reason) for email, each in found.items()}


def remembered(site: Site, workspace: Workspace, *domains: str) -> dict[str, bool]:
    """Return which domains are remembered."""
    with site.record.candidate_page(workspace.id, after=0, limit=1, at=site.clock.now()) as page:
        return dict(page.catch_all(domains))


def counts(site: Site, workspace: Workspace) -> VerificationCounts:
    """Return where the candidates are."""
    return site.record.verification_counts(workspace.id)


def test_pages_follow_each_other_in_order(site: Site, acme: Workspace) -> None:
    """By id, a workspace for itself; the last page says that it is the last."""
    bring(site, acme, "a", "b", "c")
    bring(site, site.workspace("zeta"), "z")
    page_of = partial(site.record.candidate_page, acme.id, at=site.clock.now())

    with page_of(after=0, limit=2) as first:
        assert [each.email for each in first.waiting] == [address("a"), address("b")]
        assert first.last == first.waiting[-1].id
    with page_of(after=first.waiting[-1].id, limit=2) as second:
        assert [each.email for each in second.waiting] == [address("c")]
        assert second.last is None


def test_who_is_settled_waits_no_more(site: Site, acme: Workspace) -> None:
    """And is still on the page that is read from the beginning, so that its end is its end."""
    bring(site, acme, "a", "b", "c")
    assert settle(site, acme, INVALID, limit=1) == ["a"]

    with site.record.candidate_page(acme.id, after=0, limit=2, at=site.clock.now()) as page:
        assert [each.email for each in page.waiting] == [address("b")]
        assert page.last == page.waiting[0].id
    assert settle(site, acme, limit=9) == ["b", "c"]
    assert settle(site, acme) == []
    assert counts(site, acme) == VerificationCounts(0, 2, {INVALID: 1})


def test_who_is_mailable_is_a_contact_with_all_that_is_known(site: Site, acme: Workspace) -> None:
    """And counts in the supply, once."""
    bring(site, acme, "a", "b")
    before = site.record.supply(acme.id)
    settle(site, acme)

    assert (before, site.record.supply(acme.id)) == (0, 2)
    ids = site.ids(acme)
    assert list(ids) == [address("a"), address("b")]
    [lead] = site.record.leads(acme.id, [ids[address("a")]])
    assert (lead.email, lead.first_name, lead.last_name) == (address("a"), "Ann", "Lee")


def test_who_is_not_mailable_is_no_contact(site: Site, acme: Workspace) -> None:
    """Whatever the verdict."""
    bring(site, acme, "a", "b", "c")
    for kind in (INVALID, UNKNOWN, CATCH_ALL):
        settle(site, acme, kind, limit=1)

    assert site.ids(acme) == {}
    assert counts(site, acme) == VerificationCounts(0, 0, {INVALID: 1, UNKNOWN: 1, CATCH_ALL: 1})


def test_a_contact_that_an_import_brought_meanwhile_stays_the_imports(
    site: Site, acme: Workspace
) -> None:
    """It is not added twice, and neither import counts it wrong."""
    bring(site, acme, "a", "b")
    [brought] = site.contacts(acme, "a")
    settle(site, acme)

    assert site.ids(acme)[address("a")] == brought
    assert site.record.supply(acme.id) == 2
    assert counts(site, acme).contacts == 2
    bring(site, acme, "c")
    settle(site, acme)
    assert site.record.supply(acme.id) == 3


def test_an_import_called_like_ours_is_another_one(site: Site, acme: Workspace) -> None:
    """A file may have any name."""
    for _ in range(2):
        import_id = site.record.begin_import(acme.id, "verification", at=site.clock.now())
        site.record.finish_import(import_id, at=site.clock.now())
    bring(site, acme, "a")
    settle(site, acme)

    assert site.record.finish_import(import_id, at=site.clock.now()).added == 0


def test_an_exception_leaves_nothing_behind(site: Site, acme: Workspace) -> None:
    """Neither verdicts nor contacts nor their import."""
    bring(site, acme, "a")

    def break_off() -> None:
        with site.record.candidate_page(acme.id, after=0, limit=9, at=site.clock.now()) as page:
            settled(page, VALID, mailable=True)
            raise ConnectionError

    with pytest.raises(ConnectionError):
        break_off()

    assert counts(site, acme) == VerificationCounts(1, 0, {})
    assert site.ids(acme) == {}
    assert settle(site, acme) == ["a"]


def test_workers_at_once_settle_each_candidate_once(site: Site, acme: Workspace) -> None:
    """They take turns, while an import adds some of the same contacts."""
    names = [f"p{number}" for number in range(60)]
    bring(site, acme, *names)

    def work() -> list[str]:
        seen = []
        while found := settle(site, acme, limit=7):
            seen += found
        return seen

    def bring_some() -> list[str]:
        site.contacts(acme, *names[::-2])
        return []

    answers = at_once(work, work, work, bring_some)
    assert all(isinstance(each, list) for each in answers), answers
    seen = [name for each in answers if isinstance(each, list) for name in each]

    assert sorted(seen) == sorted(names)
    assert counts(site, acme) == VerificationCounts(0, 60, {})
    assert site.record.supply(acme.id) == 60


def test_the_mark_moves_on_and_goes_back(site: Site, acme: Workspace) -> None:
    """It is never past anybody who waits."""
    bring(site, acme, "a", "b", "c")
    ids = [each.id for each in waiting(site, acme)]
    assert site.record.first_waiting(acme.id) < ids[0]
    settle(site, acme, UNKNOWN, limit=2)
    assert ids[1] <= site.record.first_waiting(acme.id) < ids[2]
    settle(site, acme)
    assert site.record.first_waiting(acme.id) == ids[2]

    site.record.wait_again(acme.id, [Verdict.UNKNOWN], at=site.clock.now())
    assert site.record.first_waiting(acme.id) < ids[0]
    assert waiting(site, acme) == [Waiting(ids[0], address("a")), Waiting(ids[1], address("b"))]
    settle(site, acme)
    bring(site, acme, "d")
    assert [each.email for each in waiting(site, acme)] == [address("d")]


def waiting(site: Site, workspace: Workspace) -> Sequence[Waiting]:
    """Return who waits."""
    after = site.record.first_waiting(workspace.id)
    with site.record.candidate_page(
        workspace.id, after=after, limit=99, at=site.clock.now()
    ) as page:
        return page.waiting


def test_verdicts_wait_again_when_they_are_not_believed_any_more(
    site: Site, acme: Workspace
) -> None:
    """Only those that were asked for, and none that became a contact."""
    bring(site, acme, "u", "i", "v")
    question = begun(site, acme, "u", "i", "v")
    answer(site, question, UNKNOWN)
    for kind in (UNKNOWN, INVALID, VALID):
        settle(site, acme, kind, limit=1)
    again = partial(site.record.wait_again, acme.id, [Verdict.UNKNOWN, Verdict.RISKY])

    assert again(at=site.clock.now()) == 0
    until = believed_until(Verdict.UNKNOWN, site.clock.now())
    assert again(at=until - timedelta(seconds=1)) == 0
    assert again(at=until) == 1
    assert again(at=until) == 0
    assert counts(site, acme) == VerificationCounts(1, 1, {INVALID: 1})


def test_a_policy_is_kept_and_judges_anew(site: Site, acme: Workspace) -> None:
    """Risks that were turned down wait again; who is invalid or unknown does not."""
    assert site.record.policy(acme.id) == Policy()
    bring(site, acme, "a", "b", "c")
    for kind in (CATCH_ALL, INVALID, UNKNOWN):
        settle(site, acme, kind, limit=1)
    policy = Policy(frozenset({Reason.CATCH_ALL, Reason.ROLE}))
    site.record.set_policy(acme.id, policy, by="pat", at=site.clock.now())

    assert site.record.policy(acme.id) == policy
    assert site.record.policy(site.workspace("zeta").id) == Policy()
    assert settle(site, acme, CATCH_ALL, mailable=True) == ["a"]
    site.record.set_policy(acme.id, Policy(frozenset()), by="pat", at=site.clock.now())
    assert site.record.policy(acme.id) == Policy(frozenset())
    assert counts(site, acme) == VerificationCounts(0, 1, {INVALID: 1, UNKNOWN: 1})


def test_a_policy_is_set_as_it_was_seen_or_not_at_all(site: Site, acme: Workspace) -> None:
    """Of any number who saw that nothing was set, one sets it; nobody is judged anew in vain."""
    put = partial(site.record.set_policy, acme.id, by="pat", at=site.clock.now())
    wanted = [Policy(frozenset({reason})) for reason in (Reason.CATCH_ALL, Reason.ROLE)]

    results = at_once(*(partial(put, policy, seen=Policy()) for policy in wanted))

    (refused,) = (each for each in results if isinstance(each, Conflict))
    assert refused.code == "changed_meanwhile"
    kept = site.record.policy(acme.id)
    assert results[wanted.index(kept)] is None
    put(Policy(frozenset()), seen=kept)
    assert site.record.policy(acme.id) == Policy(frozenset())


def test_a_question_is_there_until_it_is_answered(site: Site, acme: Workspace) -> None:
    """At every step a worker may die; the next one finds what it left."""
    assert site.record.open_question(acme.id) is None
    question = begun(site, acme, "a", "b")
    assert (question.key, question.provider, question.reference) == ("k1", "p", None)
    assert list(question.emails) == [address("a"), address("b")]
    assert site.record.open_question(acme.id) == question

    site.record.question_asked(question.id, "r1")
    asked = site.record.open_question(acme.id)
    assert asked is not None
    assert (asked.id, asked.key, asked.reference) == (question.id, "k1", "r1")
    answer(site, question)
    assert site.record.open_question(acme.id) is None


def test_a_workspace_has_one_open_question(site: Site, acme: Workspace) -> None:
    """Whoever begins another one gets that, and nothing is spent."""
    question = begun(site, acme, "a")
    assert begin(site, acme, "b", "c", key="k2") == question
    zeta = begun(site, site.workspace("zeta"), "z", key="k3")

    assert zeta.key == "k3"
    assert site.record.spent("p", at=site.clock.now()) == 2
    answer(site, question)
    assert begun(site, acme, "b", key="k4").key == "k4"


def test_an_answer_is_believed_as_long_as_its_verdict_holds(site: Site, acme: Workspace) -> None:
    """To the second."""
    bring(site, acme, "a")
    answer(site, begun(site, acme, "a"), INVALID, {"agency.example": False})
    found_at = site.clock.now()

    assert known(site, acme, "a", "b") == {"a": INVALID}
    assert remembered(site, acme, "agency.example", "x.example") == {"agency.example": False}
    until = believed_until(Verdict.INVALID, found_at)
    site.clock.advance((until - found_at).total_seconds() - 1)
    assert known(site, acme, "a") == {"a": INVALID}
    site.clock.advance(1)
    assert known(site, acme, "a") == {}


def test_what_is_believed_is_counted_as_long_as_it_is(site: Site, acme: Workspace) -> None:
    """Of all workspaces together: what one had found out is known to the others."""
    answer(site, begun(site, acme, "a", "b"))
    answer(site, begun(site, site.workspace("zeta"), "z", key="k2"))

    assert site.record.believed(at=site.clock.now()) == {Verdict.VALID: 3}
    long_after = site.clock.now() + timedelta(days=400)
    assert site.record.believed(at=long_after) == {}


def test_domains_are_remembered_for_their_time(site: Site, acme: Workspace) -> None:
    """And by the last answer."""
    answer(site, begun(site, acme, "a"), CATCH_ALL, {"agency.example": True})
    assert remembered(site, acme, "agency.example") == {"agency.example": True}
    answer(site, begun(site, acme, "b", key="k2"), VALID, {"agency.example": False})
    assert remembered(site, acme, "agency.example") == {"agency.example": False}

    site.clock.advance(DOMAIN_BELIEVED.total_seconds())
    assert remembered(site, acme, "agency.example") == {}


def test_answered_twice_is_once(site: Site, acme: Workspace) -> None:
    """Two workers may wait for one answer; the second changes nothing."""
    question = begun(site, acme, "a")
    answer(site, question, VALID, {"agency.example": False})
    answer(site, question, INVALID, {"agency.example": True})

    assert known(site, acme, "a") == {"a": VALID}
    assert remembered(site, acme, "agency.example") == {"agency.example": False}


def test_a_question_may_be_closed_for_nothing(site: Site, acme: Workspace) -> None:
    """Whom it was about may be asked for again."""
    question = begun(site, acme, "a")
    site.record.question_answered(question.id, (), {}, at=site.clock.now())

    assert site.record.open_question(acme.id) is None
    assert known(site, acme, "a") == {}
    assert list(begun(site, acme, "a", key="k2").emails) == [address("a")]


def test_a_later_answer_takes_the_earlier_ones_place(site: Site, acme: Workspace) -> None:
    """Once that is not believed any more: before, nobody is asked again."""
    answer(site, begun(site, acme, "a"), UNKNOWN)
    assert begin(site, acme, "a", key="k2") is None
    mixed = begin(site, acme, "a", "b", key="k3")
    assert mixed is not None
    assert list(mixed.emails) == [address("b")]
    answer(site, mixed)

    site.clock.advance(timedelta(hours=4).total_seconds())
    answer(site, begun(site, acme, "a", key="k4"), VALID)
    assert known(site, acme, "a", "b") == {"a": VALID, "b": VALID}


def test_no_more_is_asked_than_the_day_allows(site: Site, acme: Workspace) -> None:
    """For each provider, by the day in UTC; what is beyond it is left out."""
    site.clock.set(datetime(2026, 11, 22, 23, 0, tzinfo=UTC))
    first = begin(site, acme, "a", "b", "c", daily_limit=2)
    assert first is not None
    assert list(first.emails) == [address("a"), address("b")]
    answer(site, first)

    assert begin(site, acme, "c", key="k2", daily_limit=2) is None
    assert site.record.spent("p", at=site.clock.now()) == 2
    assert site.record.spent("q", at=site.clock.now()) == 0
    other = begin(site, acme, "c", key="k3", provider="q", daily_limit=1)
    assert other is not None
    answer(site, other, UNKNOWN)
    site.clock.advance(3_600 * 5)
    tomorrow = begin(site, acme, "c", key="k4", daily_limit=2)
    assert tomorrow is not None
    assert site.record.spent("p", at=site.clock.now()) == 1


def test_a_budget_is_kept_in_a_race(site: Site) -> None:
    """Workspaces that ask at once share it to the last mailbox, and never beyond."""
    spaces = [site.workspace(f"client-{number}") for number in range(8)]
    calls = [
        partial(
            begin, site, each, f"a{each.id}", f"b{each.id}", f"c{each.id}",
            key=f"k{each.id}", daily_limit=10,
        )
        for each in spaces
    ]  # fmt: skip
    questions = at_once(*calls)

    asked = [len(each.emails) for each in questions if isinstance(each, Question)]
    assert sum(asked) == 10
    assert site.record.spent("p", at=site.clock.now()) == 10


def test_one_question_comes_of_many_that_begin_at_once(site: Site, acme: Workspace) -> None:
    """And one answer of many that arrive at once."""
    calls = [partial(begin, site, acme, "a", "b", key=f"k{number}") for number in range(6)]
    questions = at_once(*calls)
    assert len({each.id for each in questions if isinstance(each, Question)}) == 1
    assert site.record.spent("p", at=site.clock.now()) == 2

    [question] = {each.id: each for each in questions if isinstance(each, Question)}.values()
    assert at_once(*[partial(answer, site, question)] * 6) == [None] * 6
    assert known(site, acme, "a", "b") == {"a": VALID, "b": VALID}


def test_nothing_to_ask_is_no_question(site: Site, acme: Workspace) -> None:
    """Nor does it cost."""
    assert begin(site, acme) is None
    assert site.record.spent("p", at=site.clock.now()) == 0


def test_an_unknown_workspace_is_missing(site: Site) -> None:
    """There is nobody to verify."""
    now = site.clock.now()
    with (
        pytest.raises(Missing),
        site.record.candidate_page(99, after=0, limit=9, at=now),
    ):
        pass
    with pytest.raises(Missing):
        site.record.set_policy(99, Policy(), by="pat", at=now)
    with pytest.raises(Missing):
        site.record.verification_counts(99)
