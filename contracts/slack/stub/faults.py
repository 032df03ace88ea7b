"""Scripted faults: which calls they meet and what they do to them, as data."""

from dataclasses import dataclass, field
from typing import Literal, get_args

Does = Literal["ratelimited", "status", "error", "drop_before", "drop_after", "slow", "malformed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One scripted fault, e.g. ``Fault("drop_after", method="chat.postMessage")``.

    What it does:

    - ``ratelimited``: answer 429 with ``retry_after`` in the header, unapplied;
    - ``status``: answer ``status`` with a page, unapplied unless ``applied``;
    - ``error``: answer 200 and ``ok: false`` with ``error``, unapplied unless ``applied``;
    - ``drop_before``, ``drop_after``: the connection dies before, or after, the call is applied;
    - ``slow``: apply it, and answer ``seconds`` later;
    - ``malformed``: apply it and answer with the first half of the JSON.

    It meets the next ``times`` calls of ``method``; of several, the one scripted first.
    """

    does: Does = field(kw_only=False)
    method: str = "chat.postMessage"
    times: int = 1
    retry_after: int = 1
    """Seconds."""

    status: int = 500
    error: str = "internal_error"
    applied: bool = False
    seconds: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a script that could never do what it says."""
        if self.does not in get_args(Does):
            raise ValueError(f"unknown fault {self.does!r}, one of {', '.join(get_args(Does))}")
