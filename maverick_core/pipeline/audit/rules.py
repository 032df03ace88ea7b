"""The buckets of a workspace, and what has to add up between them (design.md: sealed conservation).

::

    raw ── filtered(code)
     └─ kept = candidates ── not mailable(verdict, reason)
                        └─ mailable ─┐
        verified lists ──────────────┴─ contacts ── verified, batched, in doubt, uploaded,
                                                    not attachable, skipped, rejected
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from maverick_core.pipeline.contact import ContactState


@dataclass(frozen=True, slots=True)
class Buckets:
    """How many contacts of a workspace are where; each figure is counted by itself.

    ``filtered`` are by code, ``not_mailable`` by verdict and reason, ``contacts`` by state.
    ``brought_verified`` are contacts that are no mailable candidate: they came in verified lists.
    """

    slug: str
    raw: int
    raw_waiting: int
    filtered: Mapping[str, int]
    kept: int
    candidates: int
    candidates_waiting: int
    not_mailable: Mapping[str, int]
    mailable: int
    brought_verified: int
    contacts: int
    states: Mapping[ContactState, int]


@dataclass(frozen=True, slots=True)
class Difference:
    """Two figures that have to be the same and are not."""

    slug: str
    what: str
    left: int
    right: int


_SUMS: Final = (
    "raw contacts are waiting, filtered or kept",
    "whoever was kept is a candidate",
    "candidates are waiting, not mailable or mailable",
    "contacts were mailable candidates, or were brought verified",
    "every contact is in one state",
)


def differences(buckets: Buckets) -> Iterator[Difference]:
    """Yield what does not add up; nothing, of a workspace that is whole."""
    sums = (
        (buckets.raw, buckets.raw_waiting + sum(buckets.filtered.values()) + buckets.kept),
        (buckets.kept, buckets.candidates),
        (
            buckets.candidates,
            buckets.candidates_waiting + sum(buckets.not_mailable.values()) + buckets.mailable,
        ),
        (buckets.contacts, buckets.mailable + buckets.brought_verified),
        (buckets.contacts, sum(buckets.states.values())),
    )
    for what, (left, right) in zip(_SUMS, sums, strict=True):
        if left != right:
            yield Difference(buckets.slug, what, left, right)
