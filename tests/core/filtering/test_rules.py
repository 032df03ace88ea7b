"""Each rule, the order of them, and what an order of rows must not change."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maverick_core.pipeline.filtering.codes import KEPT, WORDS, FilterCode
from maverick_core.pipeline.filtering.disposable import DisposableList
from maverick_core.pipeline.filtering.ports import Candidate, Holder, RawContact
from maverick_core.pipeline.filtering.rule_set import RuleSet
from maverick_core.pipeline.filtering.rules import Judge
from maverick_core.pipeline.raw import Origin, OriginKind
from maverick_core.suppression.rules import Match, SuppressionKind, SuppressionReason
from tests.core.filtering.rows import ORIGIN, Known, PlainCleaner, raw

DISPOSABLE = DisposableList(7, frozenset({"throwaway.example"}))
DEFAULTS = RuleSet()


def judged(
    rows: Sequence[RawContact], rules: RuleSet = DEFAULTS, known: Known | None = None
) -> tuple[Mapping[int, str], Sequence[Candidate]]:
    """Return codes by id, and the candidates."""
    verdicts, kept = Judge(rules, PlainCleaner(), DISPOSABLE).judge(rows, known or Known())
    return {verdict.raw_contact_id: verdict.code for verdict in verdicts}, kept


def code(one: RawContact, rules: RuleSet = DEFAULTS, known: Known | None = None) -> str:
    """Return what becomes of a single contact."""
    return judged([one], rules, known)[0][one.id]


def test_a_good_contact_is_kept_and_cleaned() -> None:
    """White space, shouting and unreadable numbers do not stand in its way."""
    one = raw(
        email=" Ann@Agency.Example ",
        first_name="ANN",
        last_name="mcdonald",
        company="Agency   Ltd",
        phone="call me",
        state="Tex",
        variables='{"a":"b"}',
    )

    codes, [candidate] = judged([one])
    assert codes == {1: KEPT}
    assert candidate == Candidate(
        raw_contact_id=1,
        email="ann@agency.example",
        first_name="Ann",
        last_name="McDonald",
        title=None,
        company="Agency Ltd",
        phone=None,
        state="TX",
        line_of_business=None,
        notes=None,
        variables='{"a":"b"}',
    )


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (raw(email=None), FilterCode.EMAIL_MISSING),
        (raw(email=" "), FilterCode.EMAIL_MISSING),
        (raw(email="ann"), FilterCode.EMAIL_BAD_SYNTAX),
        (raw(email="an\u200bn@agency.example"), FilterCode.EMAIL_BAD_CHARACTER),
        (raw(email="a" * 70 + "@agency.example"), FilterCode.EMAIL_TOO_LONG),
        (raw(email="ann@\u0430gency.example"), FilterCode.LOOKALIKE_DOMAIN),
        (raw(email="info@agency.example"), FilterCode.ROLE_ACCOUNT),
        (raw(email="Customer.Service@agency.example"), FilterCode.ROLE_ACCOUNT),
        (raw(email="ann@throwaway.example"), FilterCode.DISPOSABLE_DOMAIN),
        (raw(email="ann@mx.throwaway.example"), FilterCode.DISPOSABLE_DOMAIN),
        (raw(email="ann@gmail.com"), FilterCode.PERSONAL_DOMAIN),
        (raw(company="Agency\ufffd"), FilterCode.BAD_CHARACTER),
        (raw(notes="a\x07b"), FilterCode.BAD_CHARACTER),
        (raw(variables='{"a":"b\\u0000"}'), FilterCode.BAD_CHARACTER),
        (raw(title="x" * 256), FilterCode.FIELD_TOO_LONG),
        (raw(variables='{"a":"%s"}' % ("x" * 1_001)), FilterCode.FIELD_TOO_LONG),
        (raw(first_name="", full_name="State Farm Insurance"), FilterCode.NOT_A_PERSON),
        (raw(first_name="Acme Holdings"), FilterCode.NOT_A_PERSON),
        (raw(first_name=""), FilterCode.FIRST_NAME_MISSING),
    ],
)
def test_what_holds_for_everybody(one: RawContact, expected: FilterCode) -> None:
    """These rules need no setting."""
    assert code(one) == expected


@pytest.mark.parametrize(
    ("one", "rules", "expected"),
    [
        (raw(state="Ohio"), RuleSet(states=frozenset({"TX"})), FilterCode.STATE_OUTSIDE),
        (raw(state="Texas"), RuleSet(states=frozenset({"TX"})), KEPT),
        (raw(), RuleSet(states=frozenset({"TX"})), FilterCode.STATE_OUTSIDE),
        (raw(), RuleSet(states=frozenset({"TX"}), unknown_state=False), KEPT),
        (
            raw(line_of_business="Life"),
            RuleSet(lines_of_business=frozenset({"auto"})),
            FilterCode.LINE_OF_BUSINESS_OUTSIDE,
        ),
        (raw(line_of_business="AUTO "), RuleSet(lines_of_business=frozenset({"auto"})), KEPT),
        (
            raw(),
            RuleSet(lines_of_business=frozenset({"auto"}), unknown_line_of_business=False),
            KEPT,
        ),
        (
            raw(company="The Rival, Inc."),
            RuleSet(blocked_words=("rival", "state")),
            FilterCode.BLOCKED_WORD,
        ),
        (raw(company="Rivals"), RuleSet(blocked_words=("rival",)), KEPT),
        (raw(email="info@agency.example"), RuleSet(role_accounts=False), KEPT),
        (raw(email="ann@gmail.com"), RuleSet(personal_domains=False), KEPT),
        (raw(email="ann@throwaway.example"), RuleSet(disposable_domains=False), KEPT),
    ],
)
def test_what_a_workspace_decides(one: RawContact, rules: RuleSet, expected: str) -> None:
    """Each rule of a rule set can be seen to act, and to be off."""
    assert code(one, rules) == expected


def test_a_suppression_is_told_before_any_other_reason() -> None:
    """An info@ that unsubscribed is a person's wish and not a matter of lists."""
    covered = {"info@agency.example": Match(SuppressionKind.DOMAIN, SuppressionReason.COMPLAINED)}

    verdicts, _ = Judge(DEFAULTS, PlainCleaner(), DisposableList(0, ())).judge(
        [raw(email="info@agency.example", first_name="")], Known(suppressions=covered)
    )
    assert verdicts == [(1, FilterCode.SUPPRESSED_DOMAIN, "Reason: complained")]


@pytest.mark.parametrize(
    ("holder", "rules", "expected"),
    [
        (Holder("", None), DEFAULTS, FilterCode.DUPLICATE_IN_WORKSPACE),
        (
            Holder("", Origin(OriginKind.SCRAPE_RUN, 1)),
            DEFAULTS,
            FilterCode.DUPLICATE_IN_WORKSPACE,
        ),
        (Holder("", ORIGIN), DEFAULTS, FilterCode.DUPLICATE_IN_FILE),
        (Holder("zeta", None), DEFAULTS, KEPT),
        (
            Holder("zeta", None),
            RuleSet(other_workspaces=True),
            FilterCode.DUPLICATE_IN_OTHER_WORKSPACE,
        ),
    ],
)
def test_a_mailbox_that_is_there_already_is_a_duplicate(
    holder: Holder, rules: RuleSet, expected: str
) -> None:
    """It matters who has it and what brought it."""
    assert code(raw(), rules, Known(held={"ann@agency.example": holder})) == expected


def test_of_one_mailbox_the_most_complete_row_is_kept() -> None:
    """And of equals the one further up, whatever order they come in."""
    rows = [raw(3, company="Agency"), raw(1), raw(2, company="Agency")]

    codes, [candidate] = judged(rows)
    assert candidate.raw_contact_id == 2
    assert codes == {3: FilterCode.DUPLICATE_IN_FILE, 1: FilterCode.DUPLICATE_IN_FILE, 2: KEPT}


def test_a_bad_row_does_not_take_the_mailbox_from_a_good_one() -> None:
    """Only rows that pass all else compete, so a correction further down is found."""
    codes, _ = judged([raw(1, first_name="", company="Agency"), raw(2)])

    assert codes == {1: FilterCode.FIRST_NAME_MISSING, 2: KEPT}


def test_a_couple_is_its_first_person() -> None:
    """With the name that both have."""
    _, [candidate] = judged([raw(first_name="", full_name="John & Jane Smith")])

    assert (candidate.first_name, candidate.last_name) == ("John", "Smith")


def test_facts_are_asked_twice_and_only_what_matters() -> None:
    """A page of thousands costs two look-ups; who has no mailbox is not asked about."""
    known = Known()
    judged([raw(1), raw(2, email="x"), raw(3, email="info@agency.example")], known=known)

    assert known.asked == [
        {"ann@agency.example", "info@agency.example"},
        {"ann@agency.example"},
    ]


def test_every_code_has_its_words() -> None:
    """A code that nobody explains is a defect."""
    assert WORDS.keys() == set(FilterCode)


names = st.sampled_from(["Ann", "ANN", "", "Acme Inc", "a\x07"])
mailboxes = st.sampled_from(
    ["a@x.example", "A@x.example", "b@x.example", "info@x.example", "c@gmail.com", "bad", None]
)
contacts = st.builds(
    lambda email, first_name, company, state: (email, first_name, company, state),
    mailboxes,
    names,
    st.sampled_from(["", "Agency", "Rival"]),
    st.sampled_from(["", "TX", "Ohio"]),
)
rule_sets = st.builds(
    RuleSet,
    role_accounts=st.booleans(),
    personal_domains=st.booleans(),
    states=st.sampled_from([frozenset(), frozenset({"TX"})]),
    unknown_state=st.booleans(),
    blocked_words=st.sampled_from([(), ("rival",)]),
)


def in_pages(rows: Sequence[RawContact], rules: RuleSet, size: int) -> tuple[list[str], set[str]]:
    """Filter rows a page after the other; return the codes, sorted, and the kept mailboxes."""
    held: dict[str, Holder] = {}
    codes: list[str] = []
    for start in range(0, len(rows), size):
        found, kept = judged(rows[start : start + size], rules, Known(held=held))
        codes += found.values()
        held |= {each.email: Holder("", ORIGIN) for each in kept}
    return sorted(codes), set(held)


@given(
    rows=st.lists(contacts, max_size=12),
    rules=rule_sets,
    size=st.integers(1, 5),
    other_size=st.integers(1, 12),
    data=st.data(),
)
def test_the_order_of_rows_and_pages_changes_nothing_that_counts(
    rows: list[tuple[str | None, str, str, str]],
    rules: RuleSet,
    size: int,
    other_size: int,
    data: st.DataObject,
) -> None:
    """Neither the set of mailboxes that are kept, nor how many rows have which code."""
    given_rows = [
        raw(number, email, first_name=first, company=company, state=state)
        for number, (email, first, company, state) in enumerate(rows, start=1)
    ]
    shuffled = data.draw(st.permutations(given_rows))

    assert in_pages(given_rows, rules, size) == in_pages(shuffled, rules, other_size)


@given(rows=st.lists(contacts, max_size=12), rules=rule_sets)
def test_filtering_twice_keeps_what_filtering_once_keeps(
    rows: list[tuple[str | None, str, str, str]], rules: RuleSet
) -> None:
    """The second time everything that was kept is there already."""
    given_rows = [
        raw(number, email, first_name=first, company=company, state=state)
        for number, (email, first, company, state) in enumerate(rows, start=1)
    ]
    _, kept = judged(given_rows, rules)
    known = Known(held={each.email: Holder("", None) for each in kept})

    codes, again = judged(given_rows, rules, known)
    assert again == []
    assert KEPT not in codes.values()


@given(rows=st.lists(contacts, max_size=12), rules=rule_sets)
def test_what_is_cleaned_is_clean(
    rows: list[tuple[str | None, str, str, str]], rules: RuleSet
) -> None:
    """A candidate that comes in again as a raw contact comes out as it was."""
    given_rows = [
        raw(number, email, first_name=first, company=company, state=state)
        for number, (email, first, company, state) in enumerate(rows, start=1)
    ]
    _, kept = judged(given_rows, rules)
    again = [
        raw(each.raw_contact_id, **{k: v for k, v in each._asdict().items() if isinstance(v, str)})
        for each in kept
    ]

    assert judged(again, rules)[1] == kept
