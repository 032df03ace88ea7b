"""What can be known of a mailbox, for how long it is believed, and who may be written to.

A verdict is what a provider found; whether it is good enough is the workspace's policy. Silence is
``unknown``, never ``valid``: a domain's servers that did not answer may be gone tomorrow
(libraries.md: a library in common use reports a DNS time-out as "ok").
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from maverick_core.kernel.errors import Rejected


class Verdict(StrEnum):
    """What a mailbox is, as far as is known."""

    VALID = "valid"
    """It takes mail."""
    INVALID = "invalid"
    """It does not exist, or its domain takes no mail."""
    RISKY = "risky"
    """It may take mail; the reason says what is not known, or what else speaks against it."""
    UNKNOWN = "unknown"
    """Nothing was found out. It is asked about again later."""


class Reason(StrEnum):
    """Why a mailbox has its verdict."""

    MAILBOX_EXISTS = "mailbox_exists"
    """Its server knows it."""
    NO_SUCH_MAILBOX = "no_such_mailbox"
    """Its server does not know it."""
    NO_SUCH_DOMAIN = "no_such_domain"
    """The domain does not exist."""
    NO_MAIL_SERVER = "no_mail_server"
    """The domain takes no mail (RFC 7505), or names no server that could."""
    BAD_SYNTAX = "bad_syntax"
    """It cannot be an address."""
    CATCH_ALL = "catch_all"
    """Its domain takes mail for any name, so that nobody can say whether this one exists."""
    MAILBOX_UNCHECKED = "mailbox_unchecked"
    """Its domain takes mail; the mailbox itself was not asked for."""
    DISPOSABLE = "disposable"
    """A mailbox to be thrown away."""
    ROLE = "role"
    """It belongs to an office, not to a person."""
    MAILBOX_FULL = "mailbox_full"
    """It takes no more mail now."""
    NO_ANSWER = "no_answer"
    """Who should know did not answer, or not in time."""
    NOT_UNDERSTOOD = "not_understood"
    """The provider's answer says nothing that is known here."""


_BELIEVED: Final[Mapping[Verdict, timedelta]] = MappingProxyType(
    {
        Verdict.VALID: timedelta(days=30),
        Verdict.INVALID: timedelta(days=180),
        Verdict.RISKY: timedelta(days=14),
        Verdict.UNKNOWN: timedelta(hours=4),
    }
)
DOMAIN_BELIEVED: Final = timedelta(days=30)
"""How long a domain is remembered to take mail for any name, or not to."""


def believed_until(verdict: Verdict, at: datetime) -> datetime:
    """Return until when a verdict of ``at`` is not asked for again."""
    return at + _BELIEVED[verdict]


class Finding(NamedTuple):
    """What a provider says of a mailbox; ``email`` is normalised. A person: never log one."""

    email: str
    verdict: Verdict
    reason: Reason


@dataclass(frozen=True, slots=True)
class Policy:
    """What a workspace accepts besides ``valid``: risks that it takes, by reason."""

    risks: frozenset[Reason] = frozenset({Reason.MAILBOX_UNCHECKED})

    def accepts(self, verdict: Verdict, reason: Reason) -> bool:
        """Say whether such a mailbox may be written to."""
        return verdict is Verdict.VALID or (verdict is Verdict.RISKY and reason in self.risks)


RISKS: Final = (
    Reason.CATCH_ALL,
    Reason.MAILBOX_UNCHECKED,
    Reason.ROLE,
    Reason.MAILBOX_FULL,
    Reason.DISPOSABLE,
)
"""The risks that a policy may take."""


def parse_policy(text: str) -> Policy:
    """Read a policy as ``policy_json`` writes it.

    Raises:
        Rejected: ``bad_policy``.

    """
    try:
        found: Any = json.loads(text)["risks"]
        return policy_of([str(each) for each in found])
    except (ValueError, TypeError, KeyError) as error:
        raise Rejected("The policy cannot be read.", code="bad_policy") from error


def policy_of(risks: Sequence[str]) -> Policy:
    """Return the policy that takes these risks.

    Raises:
        Rejected: ``bad_policy``, one of them is none that can be taken.

    """
    for risk in risks:
        if risk not in RISKS:
            raise Rejected(
                f"{risk!r} is no risk that can be taken.",
                code="bad_policy",
                remedy=f"There are: {', '.join(RISKS)}.",
            )
    return Policy(frozenset(Reason(risk) for risk in risks))


def policy_json(policy: Policy) -> str:
    """Write a policy."""
    return json.dumps({"risks": sorted(policy.risks)})
