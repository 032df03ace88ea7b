"""Each kind of page is taken apart by its source's own words."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.sites.pages import agency, listing, records
from contracts.sites.people import person
from maverick_adapters.sources import SourceReader
from maverick_core.kernel.errors import Rejected
from maverick_core.pipeline.scraping.ports import Fetched, Validators
from maverick_core.pipeline.scraping.rules import raw_rows
from maverick_core.pipeline.scraping.source import BadSource, Source, parse_source

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
URL = "https://directory.example/agents"
PEOPLE = [person("directory", number) for number in range(8)]

DIRECTORY = {
    "name": "directory",
    "kind": "html",
    "start": URL,
    "item": ".agent",
    "next": "a.next",
    "fields": {
        "full_name": "h2",
        "company": ".company",
        "phone": ".phone",
        "state": ".state",
        "email": "a.mail@href",
    },
}
API = {
    "name": "api",
    "kind": "json",
    "start": URL,
    "item": "data.agents",
    "next": "links.next",
    "fields": {
        "first_name": "name.first",
        "last_name": "name.last",
        "email": "contact.emails",
        "line_of_business": "license.lines.0",
    },
}
AGENCIES = {
    "name": "agencies",
    "kind": "json-ld",
    "start": URL,
    "item": "InsuranceAgency",
    "next": "link[rel=next]",
    "fields": {"company": "name", "phone": "telephone", "state": "address.addressRegion"},
}


def rows(described: Mapping[str, object], body: str | bytes) -> Sequence[Mapping[str, str]]:
    """Read the body as the described source's page."""
    found = SourceReader().read(parse_source(described), page(body))
    return list(raw_rows(found.items))


def page(body: str | bytes, content_type: str = "text/html; charset=utf-8") -> Fetched:
    """Return a page as it was fetched."""
    raw = body.encode() if isinstance(body, str) else body
    return Fetched(URL, raw, content_type, Validators())


def test_a_directory_is_read_by_selectors() -> None:
    """However each card writes its address."""
    found = rows(DIRECTORY, listing(PEOPLE, None))

    assert [row["email"] for row in found] == [each.email for each in PEOPLE]
    assert found[1] == {
        "full_name": "Bob Baker",
        "company": "Baker Insurance 0",
        "phone": "(614) 555-0001",
        "state": "NY",
        "email": "bob.baker1@directory.example",
    }


@pytest.mark.parametrize(
    ("name", "shape"), [("directory", listing), ("api", records), ("agencies", agency)]
)
def test_the_example_descriptions_read_their_sites(name: str, shape: object) -> None:
    """Those in the documentation, which the how-to begins from."""
    assert callable(shape)
    described = tomllib.loads((EXAMPLES / f"{name}.toml").read_text())

    found = rows(described, shape(PEOPLE, None))

    assert [row["email"] for row in found] == [each.email for each in PEOPLE]
    assert all({"company", "state"} <= row.keys() for row in found)


def test_a_whole_page_can_be_the_item() -> None:
    """Then every address on it is a contact; what only a script knows is none."""
    found = rows({"name": "page", "start": URL}, listing(PEOPLE, None))

    assert sorted(row["email"] for row in found) == sorted(each.email for each in PEOPLE)


def test_an_api_is_read_by_paths() -> None:
    """A list where a text is asked for gives its first."""
    found = rows(API, records(PEOPLE, None))

    assert found[3] == {
        "first_name": "Dee",
        "last_name": "Drew",
        "email": "dee.drew3@directory.example",
        "line_of_business": "commercial",
    }


def test_json_ld_is_read_by_type() -> None:
    """Wherever it stands in the page's data; the address is found without being named."""
    found = rows(AGENCIES, agency(PEOPLE, None))

    assert [row["email"] for row in found] == [each.email for each in PEOPLE]
    assert found[0]["company"] == "Adler Insurance 0"


@pytest.mark.parametrize(
    ("described", "shape"), [(DIRECTORY, listing), (API, records), (AGENCIES, agency)]
)
def test_the_next_page_is_found(described: Mapping[str, object], shape: object) -> None:
    """Its link is followed from where it stands."""
    assert callable(shape)
    body = shape(PEOPLE, "/agents?page=2")

    found = SourceReader().read(parse_source(described), page(body))

    assert found.next == ("https://directory.example/agents?page=2",)


@pytest.mark.parametrize(
    "change", [{"item": "div["}, {"next": "a:nth("}, {"fields": {"email": "]"}}]
)
def test_a_selector_that_is_none_is_named(change: Mapping[str, object]) -> None:
    """With the entry that it stands in."""
    where = next(iter(change))

    with pytest.raises(BadSource, match=f"^{where}"):
        rows({**DIRECTORY, **change}, listing(PEOPLE, None))


@pytest.mark.parametrize(
    ("described", "body"),
    [(API, "<p>Maintenance</p>"), (AGENCIES, '<script type="application/ld+json">{</script>')],
)
def test_what_is_not_written_so_is_unreadable(described: Mapping[str, object], body: str) -> None:
    """The run notes it and goes on."""
    with pytest.raises(Rejected) as caught:
        rows(described, body)

    assert caught.value.code == "page_unreadable"


def test_one_broken_block_among_good_ones_is_passed_over() -> None:
    """As search engines do."""
    broken = '<script type="application/ld+json">{"@type": </script>'

    assert len(rows(AGENCIES, broken + agency(PEOPLE, None))) == len(PEOPLE)


def test_the_page_says_how_it_is_encoded() -> None:
    """In its header, else in itself."""
    body = "<html><head><meta charset=windows-1252></head><body><p class=agent><b>Jörg</b></p>"
    source = parse_source(
        {"name": "a", "start": URL, "item": ".agent", "fields": {"full_name": "b"}}
    )
    latin = body.encode("windows-1252")

    for content_type in ("text/html", "text/html; charset=windows-1252", "text/html; charset=?"):
        (item,) = SourceReader().read(source, page(latin, content_type)).items
        assert item["full_name"] == "Jörg"


DEEP = b"[" * 1_000 + b"]" * 1_000
SOURCES = [parse_source(each) for each in (DIRECTORY, API, AGENCIES)]


@given(
    st.sampled_from(SOURCES),
    st.binary(max_size=200) | st.just(DEEP) | st.just(b"<div class=agent>" * 5_000),
)
def test_any_bytes_yield_items_or_are_unreadable(source: Source, body: bytes) -> None:
    """Strangers write pages: nothing else is raised."""
    try:
        found = SourceReader().read(source, page(body, "text/html"))
    except Rejected as error:
        assert error.code == "page_unreadable"  # noqa: PT017 - either end is right
        return

    list(raw_rows(found.items))
