"""A case's ground, and what came of trying it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from tests.services.databases import Databases
from tests.services.postgres import PostgresServer
from tests.services.redis import RedisServer


@dataclass(frozen=True, slots=True)
class Ground:
    """What a case may use, and break; all of it is its own, and gone after it."""

    folder: Path
    redis: RedisServer
    postgres: PostgresServer
    databases: Databases


class Trial(NamedTuple):
    """What came of a case: how long recovery took, what was wrong in the end, what was logged."""

    seconds: float | None
    wrong: list[str]
    log: str


class Tried(Protocol):
    """A case of the table."""

    @property
    def fault(self) -> str:
        """What strikes."""
        ...

    @property
    def variant(self) -> str:
        """Where or how."""
        ...

    @property
    def name(self) -> str:
        """What it is called on the command line."""
        ...

    @property
    def append_only(self) -> bool:
        """Whether Redis keeps what it held."""
        ...

    def tried(self, ground: Ground) -> Trial:
        """Let it strike."""
        ...
