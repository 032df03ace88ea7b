"""The local verifier against a DNS of the test's own."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from contracts.verifier.names import NameServer
from maverick_adapters.cleaning import PackagedDomains
from maverick_adapters.verifiers import LocalVerifier, MailServers
from maverick_core.kernel.errors import Rejected, Unavailable
from maverick_core.pipeline.filtering.disposable import DisposableList
from maverick_core.pipeline.verification.ports import Found
from maverick_core.pipeline.verification.verdicts import Reason, Verdict

LOOKUP_SECONDS = 0.3

ZONES = {
    "mail.example": {"MX": ["10 mx1.mail.example.", "20 mx2.mail.example."]},
    "null.example": {"MX": ["0 ."]},
    "half.example": {"MX": ["0 .", "10 mx.half.example."]},
    "host.example": {"A": ["192.0.2.1"]},
    "host6.example": {"AAAA": ["2001:db8::1"]},
    "empty.example": {"TXT": ['"nothing"']},
}
UNCHECKED = (Verdict.RISKY, Reason.MAILBOX_UNCHECKED)


@pytest.fixture
def names() -> Iterator[NameServer]:
    with NameServer(dict(ZONES)) as names:
        yield names


@pytest.fixture
def verifier(names: NameServer) -> LocalVerifier:
    servers = MailServers([names.address], lookup_seconds=LOOKUP_SECONDS)
    return LocalVerifier(servers, PackagedDomains())


def found(verifier: LocalVerifier, *emails: str) -> dict[str, tuple[Verdict, Reason]]:
    said = verifier.ask("k1", emails)
    assert isinstance(said, Found)
    return {each.email: (each.verdict, each.reason) for each in said.findings}


@pytest.mark.parametrize(
    ("domain", "finding"),
    [
        ("mail.example", UNCHECKED),
        ("half.example", UNCHECKED),
        ("host.example", UNCHECKED),
        ("host6.example", UNCHECKED),
        ("null.example", (Verdict.INVALID, Reason.NO_MAIL_SERVER)),
        ("empty.example", (Verdict.INVALID, Reason.NO_MAIL_SERVER)),
        ("nowhere.example", (Verdict.INVALID, Reason.NO_SUCH_DOMAIN)),
    ],
)
def test_a_domain_says_whether_it_takes_mail(
    verifier: LocalVerifier, domain: str, finding: object
) -> None:
    """RFC 5321 5.1 and RFC 7505; the mailbox itself is asked of nobody."""
    assert found(verifier, f"ann@{domain}") == {f"ann@{domain}": finding}


def test_a_domain_that_does_not_answer_is_unknown(
    verifier: LocalVerifier, names: NameServer
) -> None:
    """A time-out and a server that failed say nothing, and never that all is well."""
    names.silent.add("mail.example")
    names.broken.add("host.example")

    assert set(found(verifier, "ann@mail.example", "ann@host.example").values()) == {
        (Verdict.UNKNOWN, Reason.NO_ANSWER)
    }


def test_a_domain_is_asked_for_once(verifier: LocalVerifier, names: NameServer) -> None:
    """However many mailboxes it has, and again only when its answer is old."""
    found(verifier, *(f"p{number}@mail.example" for number in range(50)))
    found(verifier, "q@mail.example")

    assert names.asked == {("mail.example", "MX"): 1}


def test_domains_are_waited_for_side_by_side(verifier: LocalVerifier, names: NameServer) -> None:
    """Twenty that are silent cost what one does."""
    emails = [f"ann@s{number}.example" for number in range(20)]
    names.silent |= {email.partition("@")[2] for email in emails}
    begun = time.monotonic()

    assert {verdict for verdict, _ in found(verifier, *emails).values()} == {Verdict.UNKNOWN}
    assert time.monotonic() - begun < 8 * LOOKUP_SECONDS


def test_all_of_them_together_have_their_time_too(names: NameServer) -> None:
    """What could not be asked in time is unknown."""
    emails = [f"ann@s{number}.example" for number in range(200)]
    names.silent |= {email.partition("@")[2] for email in emails}
    servers = MailServers([names.address], lookup_seconds=LOOKUP_SECONDS, all_seconds=0.5)
    begun = time.monotonic()

    told = found(LocalVerifier(servers, PackagedDomains()), *emails)
    assert {verdict for verdict, _ in told.values()} == {Verdict.UNKNOWN}
    assert len(told) == 200
    assert time.monotonic() - begun < 2


def test_what_cannot_be_an_address_is_invalid(verifier: LocalVerifier, names: NameServer) -> None:
    """By the whole of the rules; nobody is asked about it."""
    bad = ["a..b@mail.example", f"{'a' * 65}@mail.example", "ann@mail_x.example", "ann@-x.example"]

    assert set(found(verifier, *bad).values()) == {(Verdict.INVALID, Reason.BAD_SYNTAX)}
    assert not names.asked


def test_offices_and_throwaways_are_risks(verifier: LocalVerifier, names: NameServer) -> None:
    """An office only where there is somebody to take its mail."""
    offices = found(verifier, "info@mail.example", "info@nowhere.example")
    assert offices == {
        "info@mail.example": (Verdict.RISKY, Reason.ROLE),
        "info@nowhere.example": (Verdict.INVALID, Reason.NO_SUCH_DOMAIN),
    }
    names.asked.clear()
    throwaway = min(PackagedDomains().disposable_list().packaged)
    assert found(verifier, f"x@{throwaway}") == {
        f"x@{throwaway}": (Verdict.RISKY, Reason.DISPOSABLE)
    }
    assert not names.asked


@pytest.mark.parametrize("server", ["dns.example", "", "127.0.0.1:x", "127.0.0.1:99999"])
def test_servers_are_named_by_their_addresses(server: str) -> None:
    """A name would have to be looked up first."""
    with pytest.raises(Rejected) as caught:
        MailServers([server])
    assert caught.value.code == "bad_dns_servers"


def test_nobody_to_ask_is_said(names: NameServer) -> None:
    """With what to do."""
    names.silent.add(".")
    servers = MailServers([names.address], lookup_seconds=LOOKUP_SECONDS)

    with pytest.raises(Unavailable) as caught:
        servers.introduce()
    assert caught.value.code == "dns_unreachable"


class LostList:
    """Keeps its list in a database that does not answer."""

    def disposable_list(self) -> DisposableList:
        """Fail."""
        raise Unavailable("The database does not answer.", code="database_unavailable")


def test_our_own_database_is_not_taken_for_the_dns(names: NameServer) -> None:
    """Else the provider would be tried again, and blamed."""
    servers = MailServers([names.address], lookup_seconds=LOOKUP_SECONDS)

    with pytest.raises(Unavailable) as caught:
        LocalVerifier(servers, LostList()).ask("k1", ["ann@mail.example"])
    assert caught.value.code == "database_unavailable"
