"""A Slack in memory: one channel, and whatever befalls the calls to it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime

from maverick_adapters.memory.clock import ManualClock
from maverick_core.notifications.answers import (
    Absent,
    Arrived,
    LookAnswer,
    PostAnswer,
    Refused,
)


@dataclass(frozen=True, slots=True)
class Posted:
    """A message of the channel."""

    text: str
    tag: str
    at: datetime


class MemorySlack:
    """Satisfies ``MessageSink``. ``readable`` is whether its history may be read."""

    def __init__(self, clock: ManualClock) -> None:
        """Open an empty channel; ``clock`` stamps the messages."""
        self._clock = clock
        self._posts: deque[tuple[PostAnswer, bool]] = deque()
        self._looks: deque[LookAnswer] = deque()
        self.messages: list[Posted] = []
        self.readable = True

    def answer_post(self, answer: PostAnswer, *, taken: bool = False) -> None:
        """Answer the next post like this; ``taken``: the message is there nevertheless."""
        self._posts.append((answer, taken))

    def answer_look(self, answer: LookAnswer) -> None:
        """Answer the next look like this."""
        self._looks.append(answer)

    def post(self, text: str, tag: str) -> PostAnswer:
        """Take the message, unless the script says otherwise."""
        answer, taken = self._posts.popleft() if self._posts else (Arrived("memory"), True)
        if taken:
            self.messages.append(Posted(text, tag, self._clock.now()))
        return answer

    def look(self, text: str, tag: str, *, since: datetime) -> LookAnswer:
        """Find the message by its tag."""
        del text
        if self._looks:
            return self._looks.popleft()
        if not self.readable:
            return Refused("slack_scope_missing", "The history may not be read.")
        found = any(each.tag == tag and each.at >= since for each in self.messages)
        return Arrived("memory") if found else Absent()

    def introduce(self) -> str:
        """Say what it is."""
        return "memory"
