"""What has to add up between the buckets of a workspace."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maverick_core.pipeline.audit.rules import Buckets, differences
from maverick_core.pipeline.contact import ContactState

figures = st.integers(0, 1_000_000)


@st.composite
def whole(draw: st.DrawFn) -> Buckets:
    """Give the buckets of a workspace in which nobody is lost or counted twice."""
    filtered = draw(st.dictionaries(st.sampled_from(["role", "disposable"]), figures))
    not_mailable = draw(st.dictionaries(st.sampled_from(["invalid/no_such_domain"]), figures))
    states = draw(st.dictionaries(st.sampled_from(ContactState), figures))
    raw_waiting, candidates_waiting = draw(figures), draw(figures)
    contacts = sum(states.values())
    mailable = draw(st.integers(0, contacts))
    candidates = candidates_waiting + sum(not_mailable.values()) + mailable
    return Buckets(
        slug="acme",
        raw=raw_waiting + sum(filtered.values()) + candidates,
        raw_waiting=raw_waiting,
        filtered=filtered,
        kept=candidates,
        candidates=candidates,
        candidates_waiting=candidates_waiting,
        not_mailable=not_mailable,
        mailable=mailable,
        brought_verified=contacts - mailable,
        contacts=contacts,
        states=states,
    )


@given(whole())
def test_a_whole_workspace_adds_up(buckets: Buckets) -> None:
    """Whatever the figures."""
    assert list(differences(buckets)) == []


COUNTS = [field.name for field in fields(Buckets) if field.type == "int"]


@pytest.mark.parametrize("name", COUNTS)
@given(whole(), st.integers(1, 9))
def test_a_figure_that_is_wrong_is_noticed(name: str, buckets: Buckets, by: int) -> None:
    """Each of them, by the sums that it is part of."""
    wrong = replace(buckets, **{name: getattr(buckets, name) + by})

    assert list(differences(wrong))


@given(whole(), st.integers(1, 9))
def test_a_part_that_is_wrong_is_noticed(buckets: Buckets, by: int) -> None:
    """A code, a verdict or a state counted too often."""
    filtered = {**buckets.filtered, "role": buckets.filtered.get("role", 0) + by}
    not_mailable = {**buckets.not_mailable, "risky/role": by}
    states = {**buckets.states}
    states[ContactState.UPLOADED] = states.get(ContactState.UPLOADED, 0) + by

    assert list(differences(replace(buckets, filtered=filtered)))
    assert list(differences(replace(buckets, not_mailable=not_mailable)))
    assert list(differences(replace(buckets, states=states)))
