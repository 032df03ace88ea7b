"""How a list of disposable domains is read, when it is refused, and what it covers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maverick_core.kernel.errors import Conflict, Rejected
from maverick_core.pipeline.filtering.disposable import (
    DisposableList,
    Listing,
    ListSource,
    check_shrinkage,
    domain_in,
    is_everybodys,
    read_list,
)
from maverick_core.pipeline.filtering.mailboxes import FREE_MAIL_DOMAINS

NAMES = st.integers(0, 30).map(lambda number: f"throwaway{number}.example")
DOMAINS = st.frozensets(NAMES)
NO_DOMAINS = st.sampled_from(["no domain", "ann@x.example", "*.x.example", "localhost", "http://x"])
SILENT = st.sampled_from(["", "   ", "# a comment", "#gmail.com"])
EVERYBODYS = st.sampled_from(["gmail.com", "Yahoo.CO.UK", "co.uk", "com.au", "tx.us", "k12.us"])


@st.composite
def lists(draw: st.DrawFn) -> tuple[list[str], frozenset[str], int, int]:
    """Return lines in any order, their domains, how many are spared, how many are none."""
    domains = draw(st.frozensets(NAMES, min_size=3))
    written = [
        f"{draw(st.sampled_from(['', ' ']))}{draw(st.sampled_from([each, each.upper()]))}"
        f"{draw(st.sampled_from(['', '  ', ' # since spring']))}"
        for each in domains
    ]
    spared, bad = draw(st.lists(EVERYBODYS, max_size=3)), draw(st.lists(NO_DOMAINS, max_size=3))
    lines = [*written, *spared, *bad, *draw(st.lists(SILENT, max_size=4))]
    return draw(st.permutations(lines)), domains, len({s.lower() for s in spared}), len(bad)


@given(lists(), st.sampled_from(["\n", "\r\n"]))
def test_a_list_is_its_domains_however_it_is_written(
    given_list: tuple[list[str], frozenset[str], int, int], end: str
) -> None:
    """What is none is counted by its line, what is everybody's is never taken."""
    lines, domains, spared, bad = given_list

    read = read_list(end.join(lines))

    assert read.domains == domains
    assert (len(read.spared), len(read.bad_lines)) == (spared, bad)
    assert not any(map(is_everybodys, read.domains))
    assert all(lines[number - 1].strip() for number in read.bad_lines)
    assert read_list("\n".join(sorted(read.domains))).domains == read.domains


def test_domains_are_spelt_as_those_of_e_mails_are() -> None:
    """IDNA, lower case: what is looked up is what stands there."""
    read = read_list("MÜLLEIMER.example\nxn--mlleimer-65a.example\n")

    assert len(read.domains) == 1
    assert domain_in("ann@Mülleimer.example") in read.domains


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("# nothing yet\n\n", "empty"),
        ("gmail.com\n", "empty"),
        ("<!DOCTYPE html><title>Log in</title>", "HTML"),
        ("\n <html>\nthrowaway.example\n", "HTML"),
        ("throwaway.example\nname,email\nann,ann@x.example\n", "2 of its lines"),
    ],
)
def test_what_is_no_list_is_refused_with_the_reason(text: str, why: str) -> None:
    """Nothing of it is shown: it may be anything, a list of contacts too."""
    with pytest.raises(Rejected, match=why) as refused:
        read_list(text)

    assert refused.value.code == "bad_domain_list"
    assert "ann" not in str(refused.value)


@given(DOMAINS, DOMAINS)
def test_a_list_may_lose_half_and_no_more(before: frozenset[str], after: frozenset[str]) -> None:
    """Whatever is new in it; the first list loses nothing."""
    lost = len(before - after)

    if 2 * lost <= len(before):
        check_shrinkage(before, after)
    else:
        with pytest.raises(Conflict) as refused:
            check_shrinkage(before, after)
        assert refused.value.code == "domain_list_shrank"


def test_where_everybody_has_a_mailbox_is_never_disposable() -> None:
    """The free providers, all above them, and what registries give names under."""
    assert all(map(is_everybodys, FREE_MAIL_DOMAINS))
    assert all(map(is_everybodys, ["co.uk", "com.br", "co.jp", "ca.us", "org.au", "gov.in"]))
    assert not any(map(is_everybodys, ["agency.example", "co.agency.example", "throw.co.uk"]))


@given(DOMAINS, DOMAINS, DOMAINS, NAMES)
def test_what_is_in_force_is_both_lists_less_what_is_allowed(
    packaged: frozenset[str], refreshed: frozenset[str], allowed: frozenset[str], domain: str
) -> None:
    """And all below a listed domain with it."""
    held = DisposableList(1, packaged, refreshed, allowed)
    in_force = (packaged | refreshed) - allowed

    assert held.covers(domain) == (domain in in_force)
    assert held.covers(f"mx.{domain}") == (domain in in_force)
    assert held.domains == len(in_force)


def test_the_nearest_entry_decides() -> None:
    """Whoever allows a part of a domain leaves the rest to the lists."""
    held = DisposableList(
        1,
        frozenset({"throw.example"}),
        frozenset({"bad.good.example", "throw.example"}),
        frozenset({"mail.throw.example", "good.example"}),
    )

    assert held.covers("throw.example")
    assert not held.covers("mail.throw.example")
    assert not held.covers("good.example")
    assert held.covers("mx.bad.good.example")
    assert not held.covers("example")
    assert held.listing("a.throw.example") == Listing(ListSource.REFRESHED, "throw.example")


def test_what_is_neither_a_domain_nor_an_e_mail_is_refused_unseen() -> None:
    """It may be a person."""
    with pytest.raises(Rejected) as refused:
        domain_in("Ann Lee")

    assert refused.value.code == "bad_domain"
    assert "Ann" not in str(refused.value)
