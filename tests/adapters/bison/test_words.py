"""What Email Bison says is stored and compared: one plain line with nobody in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maverick_adapters.bison.words import LONGEST, plain

TOKEN = "12|AbCdEfGhIjKl"  # noqa: S105 - made up


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("The leads.3.email field must be valid.", "The email field must be valid."),
        (
            "The leads.12.custom_variables.0.name field is required.",
            "The custom_variables.name field is required.",
        ),
        ("The selected lead_ids.4 is invalid.", "The selected lead id is invalid."),
        ("Bad. (and 12 more errors)", "Bad."),
        ("Bad. (and 1 more error)", "Bad."),
        ("A\r\nSet-Cookie:\tx\x00y\u202e", "A Set-Cookie: x y"),
        ("The lead ann@agency.example is blocked", "The lead [e-mail] is blocked"),
        ("<ann@agency.example>, ann%40agency.example", "[e-mail] [e-mail]"),
        (f"Token {TOKEN} is bad", "Token [token] is bad"),
        ("Token 9|Other is bad", "Token [token] is bad"),
        ("Token=9%7cOther", "[token]"),
        ("At most 1.5 GB | 3 rows, v1.2", "At most 1.5 GB | 3 rows, v1.2"),
        ("", ""),
    ],
)
def test_words_are_kept_and_people_are_not(said: str, kept: str) -> None:
    """Row numbers go too: reasons have to be the same for the same reason."""
    assert plain(said, token=TOKEN) == kept


def test_a_token_that_looks_like_nothing_is_found_too() -> None:
    """The one that was sent is known."""
    assert plain("bad key: s3cr3t!", token="s3cr3t") == "bad key: [token]!"  # noqa: S106


@given(st.text(max_size=400), st.text(max_size=3_000), st.sampled_from([TOKEN, "s3cr3t"]))
def test_whatever_stands_around_them_they_are_found(before: str, after: str, token: str) -> None:
    """A length is kept to, also of what would be cut in the middle."""
    said = plain(f"{before} ann@agency.example {token} {after}", token=token)

    assert len(said) <= LONGEST
    assert said.isprintable()
    assert token not in said
    assert "agency" not in said


@pytest.mark.parametrize("length", range(1_970, 2_010, 3))
def test_an_address_at_the_edge_is_not_cut_open(length: int) -> None:
    """Half an address is not recognised as one any more."""
    filler = "x@y " * (length // 4) + "z" * (length % 4)

    assert "ann" not in plain(f"{filler}ann@agency.example")
    assert plain("z" * 10_000) == ""
