"""One spelling for one mailbox, whatever text comes in."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from maverick_core.kernel.email import MAX_EMAIL, BadEmail, normalise_email

CODES = {"email_missing", "email_too_long", "email_bad_character", "email_bad_syntax"}

# Any code point at all: control characters, lone surrogates, what a broken export contains.
anything = st.text(
    st.characters(exclude_categories=[]) | st.sampled_from("@.-+ \t\n\x00\u200b\u202e\udc80É")
)
locals_ = st.from_regex(r"[a-z0-9][a-z0-9._+-]{0,20}[a-z0-9]", fullmatch=True).filter(
    lambda local: ".." not in local
)
labels = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True).filter(
    lambda label: not label.startswith("xn--")
)
plain = st.builds("{}@{}.example".format, locals_, labels)

almost = st.builds(
    lambda email, at, junk: email[: at % len(email)] + junk + email[at % len(email) :],
    plain,
    st.integers(0),
    anything,
)


def normalised(text: str) -> str | None:
    """Return the normal form, or None for a text that is refused with a code of the list."""
    try:
        return normalise_email(text)
    except BadEmail as error:
        return None if error.code in CODES else error.code


@given(anything | almost)
@example("\u212alaus@x.example")
@example("a@\u212a.example")
@example("a@ⅷ.example")
@example("a@x.example.")
@example("a@xn--ss-hia.example")
@example("a" * 70 + "@x.example")
def test_normalising_what_was_normalised_changes_nothing(text: str) -> None:
    """Any text is either refused with a code or given its one spelling, in plain ASCII."""
    once = normalised(text)
    if once is None:
        return

    assert normalise_email(once) == once
    assert once.isascii()
    assert once == once.lower()
    assert len(once) <= MAX_EMAIL


@given(plain, st.text(" \t\r\n\u00a0", max_size=4))
def test_case_and_space_around_make_no_other_mailbox(email: str, space: str) -> None:
    """Every way people write an address gives the same key."""
    spellings = [email, email.upper(), email.title(), email.swapcase(), space + email + space]

    assert {normalise_email(spelling) for spelling in spellings} == {email}


@given(plain, st.sampled_from(["bücher", "ÉCOLE", "señor", "Ångström", "日本"]))
def test_a_domain_has_one_spelling_in_every_unicode_form(email: str, label: str) -> None:
    """Composed, decomposed, upper and lower case: one ASCII domain."""
    local = email.partition("@")[0]
    forms = [
        unicodedata.normalize(form, case)
        for form in ("NFC", "NFD")
        for case in (label, label.lower(), label.upper())
    ]

    keys = {normalise_email(f"{local}@{form}.example") for form in forms}

    assert len(keys) == 1
    assert "@xn--" in keys.pop()


def test_a_plus_tag_is_its_own_mailbox() -> None:
    """Decided and documented: tags are kept."""
    assert normalise_email("a+b@x.example") != normalise_email("a@x.example")


@pytest.mark.parametrize("hidden", ["\x00", "\u200b", "\u202e", "\udc80", "\u00ad", "\n", "\ue000"])
@pytest.mark.parametrize("where", ["a{}b@x.example", "ab@x{}y.example"])
def test_a_hidden_character_is_refused_and_not_dropped(hidden: str, where: str) -> None:
    """What cannot be seen could make two mailboxes look like one."""
    with pytest.raises(BadEmail) as refusal:
        normalise_email(where.format(hidden))

    assert refusal.value.code == "email_bad_character"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "email_missing"),
        (" \t ", "email_missing"),
        ("nobody", "email_bad_syntax"),
        ("@x.example", "email_bad_syntax"),
        ("a@", "email_bad_syntax"),
        ("a@x", "email_bad_syntax"),
        ("a..b@x.example", "email_bad_syntax"),
        ("a b@x.example", "email_bad_character"),
        ("a@-x.example", "email_bad_syntax"),
        ("a@x..example", "email_bad_syntax"),
        ("é@x.example", "email_bad_syntax"),
        ("a" * 65 + "@x.example", "email_too_long"),
        ("a@" + "x" * 64 + ".example", "email_bad_syntax"),
        ("a@" + "x." * 130 + "example", "email_too_long"),
        ("a" * 1_000_000, "email_too_long"),
    ],
)
def test_a_refusal_says_why(text: str, code: str) -> None:
    """The code is what a rejects file names the row with."""
    with pytest.raises(BadEmail) as refusal:
        normalise_email(text)

    assert refusal.value.code == code
