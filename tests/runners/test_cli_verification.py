"""``maverick verification`` as a person at a terminal meets it, with a provider on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.verifier.names import NameServer
from contracts.verifier.stub import Fault, VerifierStub, serve
from tests.runners.conftest import Run

LIST = """Email,Name
ann@x.example,Ann Lee
nobody-bob@x.example,Bob Ray
silent@x.example,Cy Fox
dan@any.example,Dan Orr
eve@any.example,Eve Poe
"""
CANARY = "vk-canary"


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[VerifierStub]:
    stub = VerifierStub(key=CANARY)
    with serve(stub) as server:
        monkeypatch.setenv("MAVERICK_VERIFIER", "http")
        monkeypatch.setenv("MAVERICK_VERIFIER_URL", server.url)
        monkeypatch.setenv("MAVERICK_VERIFIER_KEY", CANARY)
        yield stub


@pytest.fixture
def acme(maverick: Run, folder: Path) -> Run:
    """Have five candidates."""
    maverick("workspaces", "add", "acme", "--timezone", "America/New_York")
    (folder / "list.csv").write_text(LIST)
    assert maverick("import", "list.csv", "-w", "acme").code == 0
    assert maverick("filtering", "run", "-o", "json").json["filtered"][0]["kept"] == 5
    return maverick


def test_a_run_says_what_became_of_whom(provider: VerifierStub, acme: Run) -> None:
    """By verdict and reason; nobody's data is told, nor the key."""
    ran = acme("verification", "run", "-o", "json")

    assert ran.code == 0
    [done] = ran.json["verified"]
    assert (done["settled"], done["mailable"], done["asked"], done["why"]) == (5, 1, 4, "")
    assert {(each["reason"], each["candidates"]) for each in done["reasons"]} == {
        ("mailbox_exists", 1),
        ("no_such_mailbox", 1),
        ("no_answer", 1),
        ("catch_all", 2),
    }
    assert "example" not in ran.out + ran.err
    assert CANARY not in ran.out + ran.err
    assert provider.charged.total() == 4  # one mailbox told of its whole domain
    assert acme("verification", "run", "-o", "json").json["verified"][0]["settled"] == 0
    assert provider.charged.total() == 4


@pytest.mark.usefixtures("provider")
@pytest.mark.parametrize(
    ("name", "what_would_change_it"),
    [
        ("nobody-bob@x", "correct it at its source"),
        ("silent@x", '"maverick verification again"'),
        ("dan@any", '"maverick verification policy show"'),
    ],
)
def test_a_trace_says_what_would_make_a_mailbox_mailable(
    acme: Run, name: str, what_would_change_it: str
) -> None:
    """By what its verdict is; no policy mails to what does not exist."""
    acme("verification", "run")

    traced = acme("contacts", "trace", f"{name}.example", "-w", "acme")

    assert what_would_change_it in traced.err


def test_a_dry_run_says_what_it_would_cost(
    provider: VerifierStub, acme: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And asks nobody."""
    monkeypatch.setenv("MAVERICK_VERIFIER_DAILY_BUDGET", "3")
    ran = acme("verification", "run", "--dry-run", "-o", "json")

    [planned] = ran.json["verified"]
    assert (planned["settled"], planned["to_ask"], planned["budget_left"]) == (0, 5, 3)
    assert not provider.calls
    assert "3 mailboxes may be asked" in acme("verification", "run", "--dry-run").err


def test_a_budget_that_is_used_up_ends_a_run_in_part(
    provider: VerifierStub, acme: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest waits, and the exit code says so."""
    monkeypatch.setenv("MAVERICK_VERIFIER_DAILY_BUDGET", "1")
    ran = acme("verification", "run")

    assert ran.code == 3
    assert "budget for today is used up" in ran.err
    assert "0 mailboxes may be asked" in ran.err
    assert provider.charged.total() == 1
    assert acme("verification", "show", "-w", "acme", "-o", "json").json["waiting"] == 4
    doctor = acme("doctor")
    assert "budget for today is used up" in doctor.out


def test_a_policy_takes_risks(provider: VerifierStub, acme: Run) -> None:
    """Who was turned down for one becomes a contact, for nothing."""
    acme("verification", "run")
    before = provider.charged.total()
    shown = acme("verification", "policy", "show", "-w", "acme", "-o", "json").json["risks"]
    assert [risk for risk, taken in shown.items() if taken] == ["mailbox_unchecked"]
    ran = acme("verification", "policy", "set", "-w", "acme", "--take", "catch_all")
    assert (ran.code, "catch_all" in ran.err) == (0, True)

    acme("verification", "run")
    told = acme("verification", "show", "-w", "acme", "-o", "json").json
    assert (told["waiting"], told["contacts"]) == (0, 3)
    assert provider.charged.total() == before
    assert acme("verification", "policy", "set", "-w", "acme", "--take", "luck").code == 2


def test_who_is_still_believed_is_not_verified_again(provider: VerifierStub, acme: Run) -> None:
    """Only time makes unknown mailboxes worth another question."""
    acme("verification", "run")
    before = provider.charged.total()
    ran = acme("verification", "again", "-o", "json")

    assert ran.code == 0
    assert provider.charged.total() == before
    told = acme("verification", "show", "-w", "acme")
    assert "no_answer" in told.out


def test_a_provider_that_refuses_us_is_said(provider: VerifierStub, acme: Run) -> None:
    """With what to do; what waits, waits."""
    provider.script(Fault("status", status=402))
    ran = acme("verification", "run")

    assert ran.code == 3
    assert "no credits left" in ran.err
    assert acme("verification", "run").code == 0


def test_the_doctor_asks_the_verifier(
    provider: VerifierStub, acme: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With no mailbox."""
    assert "1,000,000 credits left" in acme("doctor").out
    assert not provider.charged
    monkeypatch.setenv("MAVERICK_VERIFIER_KEY", "other")
    assert "refuses the key" in acme("doctor").out


def test_settings_that_do_not_fit_together_are_refused(
    maverick: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is asked."""
    monkeypatch.setenv("MAVERICK_VERIFIER", "http")
    ran = maverick("verification", "run")
    assert (ran.code, "MAVERICK_VERIFIER_URL" in ran.err) == (2, True)
    monkeypatch.setenv("MAVERICK_VERIFIER_URL", "http://verify.example")
    monkeypatch.setenv("MAVERICK_VERIFIER_KEY", CANARY)
    ran = maverick("verification", "run")
    assert (ran.code, "bad_verifier_url" in ran.err) == (2, True)
    monkeypatch.setenv("MAVERICK_VERIFIER", "local")
    monkeypatch.setenv("MAVERICK_DNS_SERVERS", "dns.example")
    assert "bad_dns_servers" in maverick("verification", "run").err


def test_this_machine_verifies_by_itself(acme: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the domains' mail servers, which is a risk that workspaces take unless they say not."""
    with NameServer({"x.example": {"MX": ["10 mx.x.example."]}}) as names:
        monkeypatch.setenv("MAVERICK_DNS_SERVERS", names.address)
        ran = acme("verification", "run", "-o", "json")

    assert ran.json["verified"][0]["mailable"] == 3
    told = acme("verification", "show", "-w", "acme", "-o", "json").json
    assert told["verifier"] == "local"
    assert [each["reason"] for each in told["not_mailable"]] == ["no_such_domain"]
