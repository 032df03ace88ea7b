"""E-mail addresses in what people read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maverick_core.kernel.email import BadEmail, normalise_email
from maverick_core.pipeline.scraping.emails import (
    cloudflare_email,
    email_of_link,
    find_emails,
)

FOUND = {
    "Write to Ann@Agency.example.": ["ann@agency.example"],
    "ann@agency.example, bob@agency.example": ["ann@agency.example", "bob@agency.example"],
    "<ann@agency.example>": ["ann@agency.example"],
    "ann [at] agency [dot] example": ["ann@agency.example"],
    "ann(at)agency(dot)example": ["ann@agency.example"],
    "ann {AT} agency.example": ["ann@agency.example"],
    "ann <at> agency <dot> example": ["ann@agency.example"],
    "ann [@] agency.example": ["ann@agency.example"],
    "E-Mail:ann@agency.example|Tel": ["ann@agency.example"],
    "ann+life@agency.example": ["ann+life@agency.example"],
    "ann@sub.agency.example-": ["ann@sub.agency.example"],
    "ann@agency.example ANN@AGENCY.EXAMPLE": ["ann@agency.example"],
    "jörg at home": [],
    "meet me at noon dot": [],
    "logo@2x.png": [],
    "ann@agency": [],
    "@agency.example": [],
    "ann@@agency.example": [],
    "a@b@agency.example": [],
}


@pytest.mark.parametrize(("text", "emails"), FOUND.items())
def test_addresses_are_found_in_text(text: str, emails: list[str]) -> None:
    """Plain and in brackets, each once; what would have to be guessed is left."""
    assert list(find_emails(text)) == emails


@pytest.mark.parametrize(
    ("link", "email"),
    [
        ("mailto:ann@agency.example", "ann@agency.example"),
        ("MAILTO:Ann@Agency.example?subject=Hi", "ann@agency.example"),
        ("mailto:ann%40agency.example", "ann@agency.example"),
        ("mailto:ann@agency.example,bob@agency.example", "ann@agency.example"),
        ("mailto:", None),
        ("https://agency.example/", None),
        ("", None),
    ],
)
def test_a_mail_link_is_for_its_first_address(link: str, email: str | None) -> None:
    """RFC 6068; what comes after the question mark is not the address."""
    assert email_of_link(link) == email


def hidden(email: str, key: int) -> str:
    """Hide an address as Cloudflare does."""
    return bytes([key, *(byte ^ key for byte in email.encode())]).hex()


@given(st.integers(0, 255), st.emails())
def test_what_cloudflare_hid_is_found(key: int, email: str) -> None:
    """Whatever the key."""
    try:
        spelling = normalise_email(email)
    except BadEmail:  # the library knows addresses that no mail system takes
        return

    assert cloudflare_email(hidden(email, key)) == spelling


@given(st.text())
def test_any_text_yields_addresses_or_nothing(text: str) -> None:
    """And each that it yields is normalised."""
    for email in find_emails(text):
        assert normalise_email(email) == email
    cloudflare_email(text)
    email_of_link(text)


def test_a_long_text_takes_no_long_time() -> None:
    """No text makes the search go back and forth."""
    assert find_emails("a." * 400_000) == ()
    assert find_emails("@" * 400_000) == ()
    assert find_emails("a@" * 400_000) == ()
    assert find_emails("a@b." * 200_000) == ()
    assert find_emails("[at]" * 200_000) == ()
    assert find_emails(" " * 800_000) == ()
