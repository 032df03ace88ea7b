"""The pieces a batch is sent in, and who is to blame when they are refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from maverick_core.retry import Trouble

LONE_REFUSALS: Final = 8  # reliability.md, decision 9


class Errand(StrEnum):
    """What a request is for."""

    PUSH = "push"
    ATTACH = "attach"


@dataclass(slots=True)
class Piece:
    """Contacts of one chunk that travel in one request, and what it has met so far.

    ``in_doubt`` once set stays until its contacts have outcomes: that the destination took them
    before is not undone by what it says later. ``lead_ids`` is empty for a push.
    """

    errand: Errand
    chunk: int
    contacts: tuple[int, ...]
    lead_ids: tuple[int, ...] = ()
    in_doubt: bool = False
    tries: dict[Trouble, int] = field(default_factory=dict)

    def only(self, indexes: list[int]) -> Piece:
        """Return the part of this piece at ``indexes``, with a clean record of tries."""
        return Piece(
            self.errand,
            self.chunk,
            tuple(self.contacts[index] for index in indexes),
            tuple(self.lead_ids[index] for index in indexes) if self.lead_ids else (),
            self.in_doubt,
        )

    def halves(self) -> tuple[Piece, Piece]:
        """Split in two, the first half the larger one."""
        middle = (len(self.contacts) + 1) // 2
        return self.only(list(range(middle))), self.only(list(range(middle, len(self.contacts))))


class Suspects:
    """Holds refused contacts back until it is clear that they, not their batch, are at fault.

    They are, as soon as anything of the batch was taken, or two of them were refused for different
    reasons. If instead the first eight that were alone in their request are all refused for one
    reason, the batch is set up wrongly and its contacts must not pay for it.
    """

    def __init__(self, *, cleared: bool) -> None:
        """Start with the batch ``cleared`` when an earlier claim already got something through."""
        self._cleared = cleared
        self._held: list[tuple[Piece, tuple[str, ...]]] = []
        self._reasons: set[str] = set()
        self._alone = 0

    def add(self, piece: Piece, reasons: tuple[str, ...]) -> None:
        """Hold ``piece``; ``reasons[i]`` is why its i-th contact was refused."""
        self._held.append((piece, reasons))
        self._reasons.update(reasons)
        self._alone += len(piece.contacts) == 1
        if len(self._reasons) > 1:
            self._cleared = True

    def clear_batch(self) -> None:
        """Say that something of the batch was taken."""
        self._cleared = True

    def fault(self, *, nothing_left: bool) -> str | None:
        """Return the reason why the batch is at fault, or None while that is not established."""
        if self._cleared or not self._held:
            return None
        held = sum(len(piece.contacts) for piece, _ in self._held)
        if self._alone >= LONE_REFUSALS or (nothing_left and held >= LONE_REFUSALS):
            return next(iter(self._reasons))
        return None

    def convict(self, *, nothing_left: bool) -> list[tuple[Piece, tuple[str, ...]]]:
        """Hand over those that are certainly at fault themselves; they are no longer held."""
        if not (self._cleared or nothing_left):
            return []
        convicted, self._held = self._held, []
        return convicted

    @property
    def pieces(self) -> list[Piece]:
        """Those still held."""
        return [piece for piece, _ in self._held]
