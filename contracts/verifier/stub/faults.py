"""Scripted faults: which calls they meet and what they do to them, as data."""

from dataclasses import dataclass, field
from typing import Literal, get_args

Call = Literal["ask", "answer", "account"]
Does = Literal["status", "drop_before", "drop_after", "slow", "malformed", "forget", "leave_out"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One scripted fault, e.g. ``Fault("drop_after", call="ask")``.

    What it does:

    - ``status``: answer ``status``, with ``retry_after`` in the header if any, unapplied;
    - ``drop_before``, ``drop_after``: the connection dies before, or after, the call is applied;
    - ``slow``: apply it, and answer ``seconds`` later;
    - ``malformed``: apply it and answer with the first half of the JSON;
    - ``forget``: lose every question first;
    - ``leave_out``: answer, without the second half of the results.

    It meets the next ``times`` calls of ``call``; of several, the one scripted first.
    """

    does: Does = field(kw_only=False)
    call: Call = "ask"
    times: int = 1
    status: int = 500
    retry_after: int | None = None
    """Seconds."""

    seconds: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a script that could never do what it says."""
        if self.does not in get_args(Does):
            raise ValueError(f"unknown fault {self.does!r}, one of {', '.join(get_args(Does))}")
        if self.call not in get_args(Call):
            raise ValueError(f"unknown call {self.call!r}, one of {', '.join(get_args(Call))}")
