"""What the list says depends on what was told, not on when or how often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maverick_core.kernel.errors import Rejected
from maverick_core.pipeline.contact import Outcome
from maverick_core.pipeline.master_fill.overlap import Overlap, parse_overlap
from maverick_core.pipeline.master_fill.rules import (
    Happened,
    MasterContact,
    Person,
    Sighting,
    happened,
    seen,
)
from maverick_core.pipeline.raw import Origin, OriginKind

START = datetime(2026, 11, 2, tzinfo=UTC)
EMAIL = "ann@agency.example"

instants = st.integers(0, 3).map(lambda days: START + timedelta(days=days))
people = st.builds(
    Person, st.just("Ann"), st.sampled_from((None, "Lee")), st.sampled_from((None, "Agent"))
)
sightings = st.builds(
    Sighting,
    st.just(EMAIL),
    st.integers(1, 3),
    st.builds(Origin, st.sampled_from(OriginKind), st.integers(1, 2)),
    instants,
    people,
    st.just(value=False),
)
events = st.lists(
    st.builds(Happened, st.just(EMAIL), st.integers(1, 3), st.sampled_from(Outcome), instants),
    unique_by=lambda event: event.workspace_id,
)


def told(first: Sighting, *rest: Sighting) -> MasterContact:
    """Return what the list says after these, in their order."""
    known = seen(None, first)
    for sighting in rest:
        known = seen(known, sighting)
    return known


@given(st.lists(sightings, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_sightings_does_not_matter_nor_does_repetition(
    found: list[Sighting], chance: object
) -> None:
    """Pages are cut anyhow, and one may be told again after a crash."""
    shuffled = [*found, *found]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    assert told(*shuffled) == told(*found)


@given(sightings, events, st.randoms(use_true_random=False))
def test_the_order_of_outcomes_does_not_matter_nor_does_repetition(
    first: Sighting, happening: list[Happened], chance: object
) -> None:
    """Each workspace has one outcome of a mailbox, and the latest of them counts."""
    shuffled = [*happening, *happening]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    one = other = told(first)
    for event in happening:
        one = happened(one, event)
    for event in shuffled:
        other = happened(other, event)

    assert one == other
    assert one.outcome_at == max((event.at for event in happening), default=None)


@given(sightings, sightings)
def test_the_most_complete_counts_and_of_equals_the_newest(a: Sighting, b: Sighting) -> None:
    """A newer sighting never takes a field away."""
    known = told(a, b)

    assert known.person.filled == max(a.person.filled, b.person.filled)
    if a.person.filled == b.person.filled:
        assert known.person_at == max(a.at, b.at)
    assert known.first_seen_at == min(a.at, b.at)
    assert known.last_seen_at == max(a.at, b.at)


@pytest.mark.parametrize("text", ["none", "1", "90", "3650"])
def test_an_overlap_is_written_as_it_is_read(text: str) -> None:
    """A setting that is shown can be typed again."""
    assert str(parse_overlap(text)) == text


@pytest.mark.parametrize("text", ["", "0", "-1", "3651", "1.5", "None", "²"])
def test_what_is_no_overlap_is_refused(text: str) -> None:
    """No days at all would be no rule, and neither is one that is misspelt."""
    with pytest.raises(Rejected, match="overlap"):
        parse_overlap(text)


def test_nothing_set_is_no_overlap() -> None:
    """Clients are kept apart unless somebody decides otherwise."""
    assert Overlap() == parse_overlap("none")
