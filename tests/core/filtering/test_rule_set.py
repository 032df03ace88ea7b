"""Rule sets: what can be said, and what a mistake is answered with."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maverick_core.kernel.errors import Rejected
from maverick_core.pipeline.filtering.rule_set import RuleSet, parse_rule_set, rule_set_json
from maverick_core.pipeline.filtering.states import STATES

WORDS = st.lists(st.text("abc ü", min_size=1, max_size=9).map(str.strip).filter(bool)).map(
    lambda words: tuple(sorted({" ".join(word.split()) for word in words}))
)


@given(
    st.builds(
        RuleSet,
        role_accounts=st.booleans(),
        other_workspaces=st.booleans(),
        states=st.frozensets(st.sampled_from(sorted(STATES))),
        lines_of_business=WORDS.map(frozenset),
        blocked_words=WORDS,
    )
)
def test_a_rule_set_comes_back_from_its_json(rules: RuleSet) -> None:
    """So every version on record can be shown, tried and set again."""
    assert parse_rule_set(rule_set_json(rules)) == rules


def test_what_is_not_said_keeps_its_default() -> None:
    """An empty object is the defaults."""
    assert parse_rule_set("{}") == RuleSet()


def test_states_are_read_by_any_of_their_names() -> None:
    """As they stand in lists."""
    rules = parse_rule_set('{"states": ["Tex", "D.C.", "new york"]}')

    assert rules.states == {"TX", "DC", "NY"}


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ("{", "#:"),
        ("[" * 100_000, "#:"),
        ("[]", "#:"),
        ('{"state": []}', "#/state:"),
        ('{"role_accounts": true}', "#/role_accounts:"),
        ('{"role_accounts": ["keep"]}', "#/role_accounts:"),
        ('{"states": ["TX", "Texaz"]}', "#/states/1:"),
        ('{"states": 7}', "#/states/0:"),
        ('{"blocked_words": "rival"}', "#/blocked_words:"),
        ('{"blocked_words": ["rival", " "]}', "#/blocked_words/1:"),
        (json.dumps({"blocked_words": ["x"] * 1_001}), "#/blocked_words:"),
        (json.dumps({"lines_of_business": ["x" * 101]}), "#/lines_of_business/0:"),
    ],
)
def test_a_mistake_is_pointed_at(text: str, pointer: str) -> None:
    """With the place and with what may stand there."""
    with pytest.raises(Rejected) as refused:
        parse_rule_set(text)

    assert refused.value.code == "bad_rules"
    assert pointer in str(refused.value)
