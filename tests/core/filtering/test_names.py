"""Names: what is a company's, what is two people's, what is plain, and how it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maverick_adapters.cleaning import LibraryCleaner
from maverick_core.pipeline.filtering.names import (
    first_of_couple,
    is_company,
    recased,
    split_plain,
)


@pytest.mark.parametrize(
    ("name", "company"),
    [
        ("State Farm Insurance", True),
        ("ACME, LLC", True),
        ("The Smiths", True),
        ("John Banks", False),
        ("Ann Church", False),
        ("Theodore Farmer", False),
        ("", False),
    ],
)
def test_a_company_is_told_by_its_words(name: str, *, company: bool) -> None:
    """Whole words only, and none that people are called by."""
    assert is_company(name) is company


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("John & Jane Smith", "John Smith"),
        ("John and Jane Smith", "John Smith"),
        ("John Smith & Jane Doe", "John Smith"),
        ("Smith, John & Jane", "Smith, John"),
        ("Andy Land", "Andy Land"),
        ("John &", "John &"),
        ("& Jane", "& Jane"),
    ],
)
def test_of_a_couple_the_first_is_meant(name: str, first: str) -> None:
    """With the name that both have; a word that only holds an "and" is none."""
    assert first_of_couple(name) == first


WORD = st.sampled_from(["Ann", "O'Neil", "LEE", "mary-jane", "Smith", "Dr", "Jr", "McGee"])


@given(first=WORD, last=WORD, comma=st.booleans())
def test_the_short_way_splits_as_the_library_does(first: str, last: str, *, comma: bool) -> None:
    """It only saves time; where it is not sure it says nothing."""
    name = f"{last}, {first}" if comma else f"{first} {last}"
    plain = split_plain(name)

    assert plain is None or plain == LibraryCleaner().person(name)
    assert plain or {first, last} & {"Dr", "Jr"}


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("ANN", "Ann"),
        ("ann lee", "Ann Lee"),
        ("O'NEIL", "O'Neil"),
        ("mcdonald", "McDonald"),
        ("MARY-JANE", "Mary-Jane"),
        ("ZOË", "Zoë"),
        ("JP", "JP"),
        ("de la Vega", "de la Vega"),
        ("", ""),
    ],
)
def test_shouting_and_whispering_are_mended(typed: str, written: str) -> None:
    """Mixed case is somebody's own, and two capitals are initials."""
    assert recased(typed) == written


@given(st.text())
def test_what_is_mended_stays(text: str) -> None:
    """Mending twice is mending once, whatever the alphabet."""
    assert recased(recased(text)) == recased(text)
