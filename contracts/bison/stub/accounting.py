"""What was asked of the stub: counts for ever, the last requests in full."""

import re
from collections import Counter, deque
from threading import Lock
from typing import NamedTuple

RECENT = 1000
"""Requests kept in full; a benchmark sends millions."""

CHUNKS = 10_000
"""Chunks told apart by the counts; later ones are not counted."""

DROPPED = 0
"""The status that stands for "no answer" in the counts."""

Chunk = tuple[str, int]
"""The first address (or lead id) of a request's rows, and how many rows it has."""


_ROUTES = (
    (re.compile(r"/api/(users|custom-variables|campaigns|leads)"), None),
    (re.compile(r"/api/leads/(create-or-update/)?multiple"), None),
    (re.compile(r"/api/leads/[^/]+"), "/api/leads/{key}"),
    (re.compile(r"/api/campaigns/[^/]+"), "/api/campaigns/{key}"),
    (re.compile(r"/api/campaigns/[^/]+/leads"), "/api/campaigns/{key}/leads"),
    (
        re.compile(r"/api/campaigns/[^/]+/leads/attach-leads"),
        "/api/campaigns/{key}/leads/attach-leads",
    ),
)


def route_of(path: str) -> str:
    """Name the route of a path, so that counts stay few: keys become ``{key}``."""
    for pattern, route in _ROUTES:
        if pattern.fullmatch(path):
            return route or path
    return "unknown"


class Entry(NamedTuple):
    """One request and its answer."""

    number: int
    method: str
    path: str
    route: str
    workspace: str | None
    status: int
    chunk: Chunk | None


class RequestLog:
    """Requests of the API, counted when they are answered; ``/_stub`` requests are not."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.keep = True
        self.clear()

    def clear(self) -> None:
        """Forget all."""
        self.total = 0
        self.by_route: Counter[tuple[str, str]] = Counter()
        self.by_status: Counter[int] = Counter()
        self.by_chunk: Counter[Chunk] = Counter()
        self.recent: deque[Entry] = deque(maxlen=RECENT)

    def note(self, entry: Entry) -> None:
        """Count a request."""
        with self._lock:
            self.total += 1
            self.by_route[entry.method, entry.route] += 1
            self.by_status[entry.status] += 1
            if not self.keep:
                return

            self.recent.append(entry)
            chunk = entry.chunk
            if chunk and (chunk in self.by_chunk or len(self.by_chunk) < CHUNKS):
                self.by_chunk[chunk] += 1

    def count(self, method: str | None = None, route: str | None = None) -> int:
        """Count the requests of a method, of a route (``/api/leads/{key}``), or all."""
        with self._lock:
            return sum(
                times
                for (its_method, its_route), times in self.by_route.items()
                if method in (None, its_method) and route in (None, its_route)
            )
