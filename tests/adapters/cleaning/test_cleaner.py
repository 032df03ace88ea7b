"""Numbers and names as lists write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maverick_adapters.cleaning import LibraryCleaner, PackagedDomains
from maverick_core.pipeline.filtering.names import PersonName

CLEANER = LibraryCleaner()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("(512) 555-0142", "+15125550142"),
        ("512.555.0142", "+15125550142"),
        ("1-512-555-0142", "+15125550142"),
        ("+1 512 555 0142 ext. 9", "+15125550142"),
        ("tel: 512 555 0142", "+15125550142"),
        ("+49 30 1234567", "+49301234567"),
        ("555-0142", None),
        ("call me", None),
        ("1" * 300, None),
    ],
)
def test_a_number_is_written_as_e164(text: str, number: str | None) -> None:
    """Without a country it is American; an extension is dropped, half a number is none."""
    assert CLEANER.phone(text) == number


@given(st.integers(200, 999), st.integers(200, 999), st.integers(0, 9999))
def test_the_short_way_writes_what_the_library_writes(area: int, exchange: int, line: int) -> None:
    """The pattern only saves time: with a word before it, the same number takes the long way."""
    text = f"({area}) {exchange}-{line:04d}"

    assert CLEANER.phone(text) == CLEANER.phone(f"tel: {text}")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("SMITH, JOHN", ("JOHN", "SMITH")),
        ("mcdonald, ronald jr", ("ronald", "mcdonald")),
        ("Dr. Ann Lee", ("Ann", "Lee")),
        ("Juan de la Vega III", ("Juan", "de la Vega")),
        ("Mary Ann Lee", ("Mary", "Ann Lee")),
        ("de la Vega III", ("", "de la Vega")),
        ("Ann", ("Ann", "")),
        ("", ("", "")),
    ],
)
def test_a_full_name_is_split(text: str, name: tuple[str, str]) -> None:
    """Titles and suffixes are dropped, and a name with a comma is turned round."""
    assert CLEANER.person(text) == PersonName(*name)


@given(st.text())
def test_the_cleaner_never_fails(text: str) -> None:
    """Whatever stands in a cell."""
    CLEANER.phone(text)
    CLEANER.person(text)


def test_the_packaged_domains_are_thousands_and_no_free_mail() -> None:
    """A list that broke off, or one that grew to hold good domains, would show here."""
    domains = PackagedDomains().disposable_list().packaged

    assert len(domains) > 5_000
    assert "mailinator.com" in domains
    assert "gmail.com" not in domains
