"""What a suppression covers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maverick_core.kernel.errors import Rejected
from maverick_core.suppression.rules import (
    Entry,
    Match,
    SuppressionKind,
    SuppressionReason,
    Target,
    domain_of,
    keys_of,
    matches,
    parse_target,
)

MANUAL, BOUNCED = SuppressionReason.MANUAL, SuppressionReason.BOUNCED
LABEL = st.text("ab", min_size=1, max_size=2)
DOMAIN = st.lists(LABEL, min_size=1, max_size=3).map(lambda labels: ".".join([*labels, "example"]))


@pytest.mark.parametrize(
    ("pattern", "target"),
    [
        (" Ann@Agency.Example", Target(SuppressionKind.EMAIL, "ann@agency.example")),
        ("Agency.Example", Target(SuppressionKind.DOMAIN, "agency.example")),
        ("*.b\u00fccher.example", Target(SuppressionKind.SUBDOMAINS, "xn--bcher-kva.example")),
    ],
)
def test_a_pattern_is_an_address_or_a_domain(pattern: str, target: Target) -> None:
    """Spelt as the normalised e-mail spells it; the pattern of a target is read as that target."""
    assert parse_target(pattern) == target
    assert parse_target(target.pattern) == target


@pytest.mark.parametrize("pattern", ["", "*", "*.com", "com", "a@", "*@a.example", "a.*.example"])
def test_a_pattern_that_says_too_much_or_nothing_is_refused(pattern: str) -> None:
    """A top-level domain would silence half the world by a slip of the hand."""
    with pytest.raises(Rejected) as refused:
        parse_target(pattern)

    assert refused.value.code == "bad_suppression"


@given(email_domain=DOMAIN, suppressed=DOMAIN, kind=st.sampled_from(list(SuppressionKind)[1:]))
def test_a_domain_covers_itself_and_with_a_star_all_below(
    email_domain: str, suppressed: str, kind: SuppressionKind
) -> None:
    """The keys that are looked up find exactly what the pattern says."""
    email = f"ann@{email_domain}"
    entries = [Entry(suppressed, kind, MANUAL)] if suppressed in keys_of([email]) else []

    below = kind is SuppressionKind.SUBDOMAINS and email_domain.endswith("." + suppressed)
    covered = email_domain == suppressed or below
    assert (email in matches([email], entries)) is covered


def test_the_nearest_suppression_gives_the_reason() -> None:
    """The mailbox before its domain, that before one above."""
    entries = [
        Entry("agency.example", SuppressionKind.SUBDOMAINS, MANUAL),
        Entry("mx.agency.example", SuppressionKind.DOMAIN, BOUNCED),
        Entry("ann@mx.agency.example", SuppressionKind.EMAIL, SuppressionReason.UNSUBSCRIBED),
    ]
    emails = ["ann@mx.agency.example", "bob@mx.agency.example", "cy@agency.example", "d@x.example"]

    found = matches(emails, entries)
    assert found == {
        emails[0]: Match(SuppressionKind.EMAIL, SuppressionReason.UNSUBSCRIBED),
        emails[1]: Match(SuppressionKind.DOMAIN, BOUNCED),
        emails[2]: Match(SuppressionKind.SUBDOMAINS, MANUAL),
    }


def test_a_domain_is_what_stands_behind_the_last_at() -> None:
    """Local parts may hold nearly anything."""
    assert domain_of("o'neil+x@a.example") == "a.example"
