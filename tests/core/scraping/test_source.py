"""A source's description is read strictly, and says where it is wrong."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maverick_core.pipeline.scraping.rules import RunCounts, RunState, raw_rows, verdict
from maverick_core.pipeline.scraping.source import (
    BadSource,
    Limits,
    PageKind,
    describe,
    parse_source,
)

GOOD: Mapping[str, object] = {
    "name": "state-directory",
    "kind": "html",
    "start": ["https://directory.example/agents"],
    "item": ".agent",
    "next": "a.next",
    "fields": {"email": "a.mail@href", "full_name": "h2"},
    "limits": {"pages": 50, "requests_per_minute": 60},
}


def test_a_description_becomes_a_source() -> None:
    """Addresses in their one spelling, limits that go unsaid by default."""
    source = parse_source(GOOD)

    assert source.kind is PageKind.HTML
    assert source.start == ("https://directory.example/agents",)
    assert source.limits == Limits(pages=50, requests_per_minute=60)
    assert source.limits.every_seconds == 1.0


@pytest.mark.parametrize(
    "described", [GOOD, {"name": "a", "start": "http://a.example"}, {**GOOD, "kind": "json-ld"}]
)
def test_a_source_describes_itself(described: Mapping[str, object]) -> None:
    """So that what is on record is what is read from there."""
    source = parse_source(described)

    assert parse_source(describe(source)) == source


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"name": None}, "name"),
        ({"name": "State Directory"}, "name"),
        ({"kind": "xml"}, "kind"),
        ({"start": []}, "start"),
        ({"start": None}, "start"),
        ({"start": "file:///etc/passwd"}, "start, number 1"),
        ({"start": ["https://directory.example/", "nowhere"]}, "start, number 2"),
        ({"kind": "json", "item": None}, "item"),
        ({"item": 7}, "item"),
        ({"item": "x" * 501}, "item"),
        ({"fields": ["email"]}, "fields"),
        ({"fields": {"e-mail": "a"}}, "fields.e-mail"),
        ({"fields": {"email": ""}}, "fields.email"),
        ({"limits": {"page": 5}}, "limits.page"),
        ({"limits": {"pages": 0}}, "limits.pages"),
        ({"limits": {"pages": True}}, "limits.pages"),
        ({"limits": {"page_bytes": 10**9}}, "limits.page_bytes"),
        ({"limits": 5}, "limits"),
        ({"selector": "a"}, "selector"),
    ],
)
def test_what_is_wrong_is_named(change: Mapping[str, object], where: str) -> None:
    """By its place in the description."""
    with pytest.raises(BadSource, match=f"^{where}: "):
        parse_source({**GOOD, **change})


@given(
    st.dictionaries(
        st.sampled_from(sorted(GOOD)),
        st.none()
        | st.text(max_size=5)
        | st.integers()
        | st.lists(st.text(max_size=5), max_size=2)
        | st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2),
    )
)
def test_any_description_is_a_source_or_refused(change: Mapping[str, object]) -> None:
    """Nothing else is raised, whatever somebody writes."""
    try:
        parse_source({**GOOD, **change})
    except BadSource:
        return


def test_an_item_with_its_own_address_is_one_contact() -> None:
    """Other addresses in its text, say of the office, are not contacts of that name."""
    items = [
        {"full_name": " Ann\n Lee ", "email": "Ann@agency.example", "text": "office@agency.example"}
    ]

    assert list(raw_rows(items)) == [{"full_name": "Ann Lee", "email": "ann@agency.example"}]


def test_a_name_goes_with_the_first_address_of_its_text() -> None:
    """It belongs to one of them at most."""
    items = [{"company": "Agency", "text": "ann@agency.example bob@agency.example"}]

    assert list(raw_rows(items)) == [
        {"company": "Agency", "email": "ann@agency.example"},
        {"email": "bob@agency.example"},
    ]


def test_an_item_without_an_address_is_kept_for_the_filter_to_name() -> None:
    """What was seen on a page is never dropped in silence; an address that is none is not kept."""
    assert list(raw_rows([{"full_name": "Cy Fox", "text": "Cy Fox"}])) == [{"full_name": "Cy Fox"}]
    assert list(raw_rows([{"email": "by phone only", "text": ""}])) == [{"email": "by phone only"}]
    assert list(raw_rows([{"text": "nothing here"}])) == []


@pytest.mark.parametrize(
    ("counts", "state"),
    [
        (RunCounts(pages=3, contacts=9), RunState.DONE),
        (RunCounts(pages=3, not_read=2), RunState.DONE),
        (RunCounts(pages=3, unchanged=3), RunState.DONE),
        (RunCounts(pages=3, not_read=3), RunState.FAILED),
    ],
)
def test_a_run_failed_when_not_one_page_was_to_be_had(counts: RunCounts, state: RunState) -> None:
    """One page that is missing is a note, all of them are a reason to look."""
    assert verdict(counts)[0] is state
