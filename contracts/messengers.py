"""Slack in three shapes, with the few verbs that set a scene in each.

In memory, as the stub in this process, and as the stub behind a real socket: what the suite says of
the port ``MessageSink`` holds on all of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from email.message import Message
from io import BytesIO
from types import MappingProxyType
from typing import Final, Protocol
from urllib.error import URLError
from urllib.request import BaseHandler, OpenerDirector, Request
from urllib.response import addinfourl
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from contracts.slack.stub import Fault, SlackStub, serve
from maverick_adapters.memory import ManualClock
from maverick_adapters.memory.slack import MemorySlack
from maverick_adapters.slack import SlackSink
from maverick_adapters.slack.line import OpenerFactory, direct
from maverick_core.notifications.answers import Limited, Lost, NotReached, Refused
from maverick_core.notifications.ports import MessageSink

TOKEN: Final = "xoxb-made-up"  # noqa: S105
CHANNEL: Final = "C0123"


class Messenger(Protocol):
    """A Slack with one channel."""

    sink: MessageSink

    def now(self) -> datetime:
        """Return the instant of the messages posted now."""
        ...

    def texts(self) -> list[str]:
        """Return what people read in the channel."""
        ...

    def lose_next_answer(self) -> None:
        """Take the next post, and lose its answer on the way back."""
        ...

    def lose_next_post(self) -> None:
        """Lose the next post on the way there."""
        ...

    def break_next_post(self) -> None:
        """Answer the next post with a failure that says nothing about what was done."""
        ...

    def break_next_look(self) -> None:
        """Answer the next look with a failure."""
        ...

    def limit(self, seconds: int) -> None:
        """Answer the next post, and the next look, with a wish to be asked later."""
        ...

    def close_channel(self) -> None:
        """Refuse every post and look from now on."""
        ...

    def hide_history(self) -> None:
        """Refuse every look from now on."""
        ...

    def go_away(self) -> None:
        """Refuse connections from now on."""
        ...


class InMemory:
    """The fake."""

    def __init__(self) -> None:
        """Open it."""
        self._clock = ManualClock()
        self._slack = MemorySlack(self._clock)
        self.sink: MessageSink = self._slack

    def now(self) -> datetime:
        return self._clock.now()

    def texts(self) -> list[str]:
        return [message.text for message in self._slack.messages]

    def lose_next_answer(self) -> None:
        self._slack.answer_post(Lost("reset"), taken=True)

    def lose_next_post(self) -> None:
        self._slack.answer_post(Lost("reset"))

    def break_next_post(self) -> None:
        self._slack.answer_post(Lost("500"))

    def break_next_look(self) -> None:
        self._slack.answer_look(NotReached("500"))

    def limit(self, seconds: int) -> None:
        self._slack.answer_post(Limited(float(seconds)))
        self._slack.answer_look(Limited(float(seconds)))

    def close_channel(self) -> None:
        for _ in range(9):
            self._slack.answer_post(Refused("slack_channel_closed", "It is closed."))
        self.hide_history()

    def hide_history(self) -> None:
        self._slack.readable = False

    def go_away(self) -> None:
        self._slack.answer_post(NotReached("refused"))
        self._slack.answer_look(NotReached("refused"))


class OverHttp:
    """The stub with the adapter in front of it."""

    def __init__(self, url: str, stub: SlackStub, opener: OpenerFactory) -> None:
        """Look at the stub through the sink of a bot that is in the channel."""
        self.bot = stub.add_bot(TOKEN)
        self.channel = stub.add_channel(CHANNEL)
        self.stub = stub
        self._opener = opener
        self.sink: MessageSink = SlackSink(TOKEN, CHANNEL, f"{url}/api/", opener=self._open)

    def _open(self) -> OpenerDirector:
        return self._opener()

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.stub.clock(), UTC)

    def texts(self) -> list[str]:
        return self.stub.texts(CHANNEL)

    def lose_next_answer(self) -> None:
        self.stub.script(Fault("drop_after"))

    def lose_next_post(self) -> None:
        self.stub.script(Fault("drop_before"))

    def break_next_post(self) -> None:
        self.stub.script(Fault("status", status=500))

    def break_next_look(self) -> None:
        self.stub.script(Fault("status", method="conversations.history", status=500))

    def limit(self, seconds: int) -> None:
        for method in ("chat.postMessage", "conversations.history"):
            self.stub.script(Fault("ratelimited", method=method, retry_after=seconds))

    def close_channel(self) -> None:
        self.channel.members.clear()

    def hide_history(self) -> None:
        self.bot.scopes -= {"channels:history"}

    def go_away(self) -> None:
        self._opener = lambda: _opener(Deaf())

    def answer_with(self, answer: object) -> None:
        """Answer whatever is asked from now on with this, as JSON."""

        def app(environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
            del environ
            start("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(answer).encode()]

        self._opener = lambda: _opener(InProcess(app))


class InProcess(BaseHandler):
    """Opens requests in this process: the application answers without a network between."""

    def __init__(self, app: WSGIApplication) -> None:
        """Ask ``app``."""
        self._app = app

    def http_open(self, request: Request) -> addinfourl:
        """Answer one request; what the application raises is what broke."""
        body = request.data if isinstance(request.data, bytes) else b""
        told: list[tuple[str, list[tuple[str, str]]]] = []
        environ = {
            "REQUEST_METHOD": request.get_method(),
            "PATH_INFO": request.selector.partition("?")[0],
            "QUERY_STRING": request.selector.partition("?")[2],
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_AUTHORIZATION": request.get_header("Authorization", ""),
            "wsgi.input": BytesIO(body),
        }
        answer = b"".join(self._app(environ, lambda *head: told.append((head[0], head[1]))))  # type: ignore[arg-type]
        status, pairs = told[-1]
        headers = Message()
        for name, value in pairs:
            headers[name] = value
        return addinfourl(BytesIO(answer), headers, request.full_url, int(status.split()[0]))


class Deaf(BaseHandler):
    """Refuses every connection, in urllib's words for that."""

    def http_open(self, request: Request) -> addinfourl:
        """Refuse."""
        raise URLError(ConnectionRefusedError(111, f"refused: {request.host}"))


@contextmanager
def in_memory() -> Iterator[Messenger]:
    """Open the fake."""
    yield InMemory()


@contextmanager
def in_process() -> Iterator[Messenger]:
    """Open the stub without a network between it and the adapter."""
    stub = SlackStub()
    yield OverHttp("http://localhost", stub, lambda: _opener(InProcess(stub.app)))


@contextmanager
def behind_a_socket() -> Iterator[Messenger]:
    """Open the stub as a server of its own."""
    stub = SlackStub()
    with serve(stub) as server:
        yield OverHttp(server.url, stub, direct)


def _opener(handler: BaseHandler) -> OpenerDirector:
    opener = OpenerDirector()
    opener.add_handler(handler)
    return opener


MESSENGERS: Final[Mapping[str, Callable[[], AbstractContextManager[Messenger]]]] = MappingProxyType(
    {"memory": in_memory, "in process": in_process, "over a socket": behind_a_socket}
)
