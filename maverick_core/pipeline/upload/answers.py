"""What can come back when leads are pushed or attached, told apart by what it means for them.

A sink returns these as values and raises none of them: an answer of the destination, however bad,
is something that happened, and the machine decides what follows. ``detail`` is a sentence for
people; it never holds a token or a contact's data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

_NO_ROWS: Mapping[int, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Accepted:
    """The destination took the leads. ``lead_ids[i]`` is its id for the i-th lead that was pushed.

    ``None`` where the answer left the lead out: the destination skipped it without a word.
    """

    lead_ids: Sequence[int | None]


@dataclass(frozen=True, slots=True)
class Attached:
    """The campaign has the leads, apart from those at ``missing``, which were silently left out."""

    missing: Sequence[int] = ()
    """Indexes into the leads that were asked for."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The whole request was refused and nothing of it was taken; some rows are to blame.

    ``rows`` names them where the destination did: index in the request to reason. Empty where it
    did not, and then they are found by splitting.
    """

    detail: str
    rows: Mapping[int, str] = field(default_factory=lambda: _NO_ROWS)


@dataclass(frozen=True, slots=True)
class Lost:
    """Nobody knows whether the request was taken: time-out, reset, nonsense."""

    detail: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The destination is down (5xx) or not reachable; ``reached`` says which of the two.

    A request that reached a failing server may have been taken, so its leads are in doubt.
    """

    detail: str
    reached: bool = True


@dataclass(frozen=True, slots=True)
class Limited:
    """Too fast: nothing was taken, come back later. ``retry_after`` in seconds if it was said."""

    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Unauthorised:
    """The token was refused (401) or belongs to another workspace (403). Nothing was taken."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Misconfigured:
    """The batch cannot work as it is set up: campaign gone, endpoint unknown. Nothing was taken."""

    code: str
    detail: str


PushAnswer = Accepted | Refused | Lost | Unavailable | Limited | Unauthorised | Misconfigured
AttachAnswer = Attached | Refused | Lost | Unavailable | Limited | Unauthorised | Misconfigured
Answer = PushAnswer | Attached
