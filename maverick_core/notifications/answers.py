"""What a message sink answers; nothing here is raised."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Arrived:
    """The message is there; ``reference`` is what the sink calls it."""

    reference: str


@dataclass(frozen=True, slots=True)
class Absent:
    """The whole history since then was read, and the message is not in it."""


@dataclass(frozen=True, slots=True)
class Limited:
    """Too many requests; nothing was taken. ``retry_after`` in seconds, if the sink said."""

    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class NotReached:
    """The request was not sent, or certainly not taken. Later it may be."""

    detail: str


@dataclass(frozen=True, slots=True)
class Lost:
    """The request was sent, and what became of it is not known."""

    detail: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The sink says no, and will say so again: nothing was taken."""

    code: str
    detail: str


PostAnswer = Arrived | Limited | NotReached | Lost | Refused
LookAnswer = Arrived | Absent | Limited | NotReached | Refused
