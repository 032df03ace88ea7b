"""``Verifier``: a finding for each mailbox, a question once, silence for what it is."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence

import pytest

from contracts.verifiers import BAD, GOOD, PROVIDERS, SILENT, Provider
from maverick_core.kernel.errors import Unavailable
from maverick_core.pipeline.verification.ports import (
    Asked,
    Forgotten,
    Found,
    NoAnswer,
    NotYet,
)
from maverick_core.pipeline.verification.verdicts import Finding, Reason, Verdict

PATIENCE_SECONDS = 10.0


@pytest.fixture(params=PROVIDERS)
def provider(request: pytest.FixtureRequest) -> Iterator[Provider]:
    """Give each provider in turn."""
    with PROVIDERS[request.param]() as provider:
        yield provider


def hear(provider: Provider, key: str, emails: Sequence[str]) -> Mapping[str, Finding]:
    """Ask, and wait for the answer."""
    said = provider.verifier.ask(key, emails)
    until = time.monotonic() + PATIENCE_SECONDS
    while isinstance(said, Asked):
        looked = provider.verifier.answer(said.reference)
        if not isinstance(looked, NotYet):
            assert isinstance(looked, Found)
            return {each.email: each for each in looked.findings}
        assert time.monotonic() < until
    assert isinstance(said, Found)
    return {each.email: each for each in said.findings}


def test_every_mailbox_has_its_finding(provider: Provider) -> None:
    """By its normalised spelling, whatever is found."""
    emails = [*GOOD, *BAD, *SILENT]

    assert set(hear(provider, "k1", emails)) == set(emails)


def test_who_is_not_there_is_invalid(provider: Provider) -> None:
    """And who is there is not."""
    found = hear(provider, "k1", [*GOOD, *BAD])

    assert {found[email].verdict for email in BAD} == {Verdict.INVALID}
    assert {found[email].verdict for email in GOOD} <= {Verdict.VALID, Verdict.RISKY}


def test_silence_is_unknown_and_never_valid(provider: Provider) -> None:
    """A server that does not answer may be gone tomorrow."""
    [finding] = hear(provider, "k1", SILENT).values()

    assert finding == Finding(SILENT[0], Verdict.UNKNOWN, Reason.NO_ANSWER)


def test_the_same_key_is_paid_for_once(provider: Provider) -> None:
    """A question whose worker died is asked again by the next one."""
    assert hear(provider, "k1", GOOD) == hear(provider, "k1", GOOD)
    assert {provider.paid(email) for email in GOOD} == {1}


def test_a_lost_answer_costs_nothing_but_time(provider: Provider) -> None:
    """The same question again finds what became of the first."""
    provider.lose_next_answer()
    said = provider.verifier.ask("k1", GOOD)
    assert isinstance(said, NoAnswer | Found)

    assert set(hear(provider, "k1", GOOD)) == set(GOOD)
    assert {provider.paid(email) for email in GOOD} == {1}


def test_a_question_that_nobody_knows_is_forgotten(provider: Provider) -> None:
    """So that it is asked anew."""
    assert provider.verifier.answer("no/such?question") == Forgotten()


def test_somebody_who_is_away_is_no_error(provider: Provider) -> None:
    """Whoever asks is told, and knows nothing more."""
    provider.go_away()
    said = provider.verifier.ask("k1", GOOD)

    if isinstance(said, Found):
        assert {each.verdict for each in said.findings} == {Verdict.UNKNOWN}
    else:
        assert isinstance(said, NoAnswer)
        assert "example" not in said.why


def test_it_says_who_would_be_asked(provider: Provider) -> None:
    """After it has seen that they answer; nobody's mailbox is needed for that."""
    assert provider.verifier.introduce()
    provider.go_away()

    with pytest.raises(Unavailable):
        provider.verifier.introduce()


def test_its_name_is_always_the_same(provider: Provider) -> None:
    """A budget is kept by it."""
    name = provider.verifier.name
    hear(provider, "k1", GOOD)

    assert name == provider.verifier.name != ""
