"""What a provider's statuses, refusals and silences mean: one table each.

Words that are not in them are ``not_understood``, which is unknown and never valid.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

import httpx

from maverick_adapters.retry_after import retry_after
from maverick_core.pipeline.verification.ports import Declined, NoAnswer, Refused
from maverick_core.pipeline.verification.verdicts import Reason, Verdict
from maverick_core.retry import Trouble

Failure = Declined | Refused | NoAnswer

KEY_REFUSED: Final = Declined(
    "verifier_key_refused", "The verifier refuses the key: store another in MAVERICK_VERIFIER_KEY."
)
NO_CREDITS: Final = Declined(
    "verifier_credits_used_up", "The account at the verifier has no credits left: buy some."
)
WRONG_ADDRESS: Final = Declined(
    "verifier_address_wrong", "What answers at MAVERICK_VERIFIER_URL is no such verifier."
)
TOO_LARGE: Final = Refused(
    "verifier_answer_too_large", "The verifier's answer is larger than is read."
)

_BY_STATUS: Final[Mapping[int, Failure]] = MappingProxyType(
    {
        **dict.fromkeys(range(300, 400), WRONG_ADDRESS),
        HTTPStatus.UNAUTHORIZED: KEY_REFUSED,
        HTTPStatus.FORBIDDEN: KEY_REFUSED,
        HTTPStatus.PAYMENT_REQUIRED: NO_CREDITS,
        HTTPStatus.NOT_FOUND: WRONG_ADDRESS,
        HTTPStatus.METHOD_NOT_ALLOWED: WRONG_ADDRESS,
    }
)
_IN_USE: Final = (HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY, HTTPStatus.REQUEST_TIMEOUT)

_VALID: Final = (Verdict.VALID, Reason.MAILBOX_EXISTS)
_NOBODY: Final = (Verdict.INVALID, Reason.NO_SUCH_MAILBOX)
_ANY_NAME: Final = (Verdict.RISKY, Reason.CATCH_ALL)
_SILENT: Final = (Verdict.UNKNOWN, Reason.NO_ANSWER)
_NOT_UNDERSTOOD: Final = (Verdict.UNKNOWN, Reason.NOT_UNDERSTOOD)

_BY_WORD: Final[Mapping[str, tuple[Verdict, Reason]]] = MappingProxyType(
    {
        "valid": _VALID,
        "deliverable": _VALID,
        "invalid": _NOBODY,
        "undeliverable": _NOBODY,
        "catch_all": _ANY_NAME,
        "accept_all": _ANY_NAME,
        "disposable": (Verdict.RISKY, Reason.DISPOSABLE),
        "role": (Verdict.RISKY, Reason.ROLE),
        "unknown": _SILENT,
        "timeout": _SILENT,
    }
)
_INVALID: Final = frozenset(
    {Reason.NO_SUCH_MAILBOX, Reason.NO_SUCH_DOMAIN, Reason.NO_MAIL_SERVER, Reason.BAD_SYNTAX}
)
_RISKY: Final = frozenset(
    {
        Reason.CATCH_ALL,
        Reason.DISPOSABLE,
        Reason.ROLE,
        Reason.MAILBOX_FULL,
        Reason.MAILBOX_UNCHECKED,
    }
)


_REASONS: Final[Mapping[str, Reason]] = MappingProxyType({each.value: each for each in Reason})


def finding_of(status: str, reason: str) -> tuple[Verdict, Reason]:
    """Return what the provider's words mean; ``reason`` may be empty.

    A reason that contradicts the status is not understood as either.
    """
    status = _word(status)
    why = _REASONS.get(_word(reason))
    if status == "risky":
        return (Verdict.RISKY, why) if why in _RISKY else _NOT_UNDERSTOOD
    verdict, usual = _BY_WORD.get(status, _NOT_UNDERSTOOD)
    if verdict is Verdict.INVALID and why in _INVALID:
        return verdict, why
    if verdict is Verdict.VALID and why not in {None, usual}:
        return _NOT_UNDERSTOOD
    return verdict, usual


def _word(text: str) -> str:
    return text.strip().lower().replace("-", "_").replace(" ", "_")


def failure_of(status: int, headers: Mapping[str, str]) -> Failure:
    """Return what an answer that is no success means."""
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    asked_for = retry_after(headers)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return NoAnswer(Trouble.LIMITED, "The verifier asks to come back later.", asked_for)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _IN_USE:
        why = f"The verifier did not work (HTTP {status})."
        return NoAnswer(Trouble.UNAVAILABLE, why, asked_for)
    return Refused("verifier_refused", f"The verifier refuses the question (HTTP {status}).")


def no_answer(error: Exception) -> NoAnswer:
    """Return what it means that no answer came; what the library says may quote what was sent."""
    name = type(error).__name__
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return NoAnswer(Trouble.UNAVAILABLE, f"The verifier is not reachable ({name}).")
    return NoAnswer(Trouble.LOST, f"The verifier did not answer ({name}).")


UNREADABLE: Final = NoAnswer(Trouble.LOST, "The verifier's answer could not be read.")
