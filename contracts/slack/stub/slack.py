"""The stub: bots, channels, and the methods that a bot calls."""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from contracts.scripting import Script
from contracts.serving import AnswerDropped
from contracts.slack.stub.faults import Fault

SCOPES = frozenset({"chat:write", "channels:history"})
PAGE = 100  # messages in one answer where the call does not say
MOST = 999

Answer = dict[str, Any]


class Refusal(Exception):
    """An answer with ``ok: false``."""

    def __init__(self, error: str, **more: str) -> None:
        super().__init__(error)
        self.body: Answer = {"ok": False, "error": error, **more}


@dataclass
class Bot:
    """A bot, known by its token; ``scopes`` are what it may do."""

    name: str
    scopes: frozenset[str] = SCOPES


@dataclass
class Channel:
    """A channel with its messages, the first one first, and the bots that are in it."""

    id: str
    members: set[str] = field(default_factory=set)
    messages: list[Answer] = field(default_factory=list)


class SlackStub:
    """One Slack workspace. ``clock`` gives seconds since 1970 and stamps messages."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,  # noqa: TID251 - a program of its own
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.clock = clock
        self._sleep = sleep
        self._numbers = count(1)
        self._lock = Lock()
        self._script = Script[Fault](lambda fault: fault.method)
        self.bots: dict[str, Bot] = {}
        self.channels: dict[str, Channel] = {}
        self.calls: list[str] = []
        self.app: WSGIApplication = self._serve

    def add_bot(self, token: str, name: str = "maverick") -> Bot:
        """Add a bot that the token belongs to."""
        self.bots[token] = Bot(name)
        return self.bots[token]

    def add_channel(self, channel_id: str, *members: str) -> Channel:
        """Add a channel that bots with these names are in."""
        self.channels[channel_id] = Channel(channel_id, set(members or {"maverick"}))
        return self.channels[channel_id]

    def script(self, fault: Fault) -> None:
        """Put a fault in force."""
        self._script.add(fault)

    def texts(self, channel_id: str) -> list[str]:
        """Return the texts of a channel's messages, the first one first."""
        return [message["text"] for message in self.channels[channel_id].messages]

    def _serve(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        method = environ["PATH_INFO"].rpartition("/")[2]
        if environ["PATH_INFO"] == "/_stub/messages":
            held = {each.id: each.messages for each in self.channels.values()}
            return _answer(start, "200 OK", json.dumps(held).encode())
        self.calls.append(method)
        fault = self._script.met(method)
        if fault is None:
            return _answer(start, "200 OK", self._apply(method, environ))
        return self._meet(fault, method, environ, start)

    def _meet(
        self, fault: Fault, method: str, environ: WSGIEnvironment, start: StartResponse
    ) -> Iterable[bytes]:
        if fault.does == "drop_before":
            raise AnswerDropped("the connection died on the way there")
        applied = fault.applied or fault.does in {"drop_after", "slow", "malformed"}
        body = self._apply(method, environ) if applied else b""
        if fault.does == "drop_after":
            raise AnswerDropped("the connection died on the way back")
        if fault.does == "slow":
            self._sleep(fault.seconds)
        if fault.does == "malformed":
            body = body[: len(body) // 2]
        if fault.does == "ratelimited":
            limited = json.dumps({"ok": False, "error": "ratelimited"}).encode()
            wait = ("retry-after", str(fault.retry_after))
            return _answer(start, "429 Too Many Requests", limited, wait)
        if fault.does == "status":
            page = b"<html>Something is broken.</html>"
            return _answer(start, f"{fault.status} Scripted", page, ("content-type", "text/html"))
        if fault.does == "error":
            body = json.dumps({"ok": False, "error": fault.error}).encode()
        return _answer(start, "200 OK", body)

    def _apply(self, method: str, environ: WSGIEnvironment) -> bytes:
        token = environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
        try:
            bot = self._authenticate(token)
            call = self._METHODS.get(method, _unknown)
            with self._lock:
                body = call(self, bot, _arguments(environ))
        except Refusal as refusal:
            body = refusal.body
        return json.dumps(body).encode()

    def _authenticate(self, token: str) -> Bot:
        if not token:
            raise Refusal("not_authed")
        if token not in self.bots:
            raise Refusal("invalid_auth")
        return self.bots[token]

    def _test(self, bot: Bot, _arguments: Mapping[str, Any]) -> Answer:
        return {"ok": True, "team": "Stub", "user": bot.name, "user_id": "U1", "bot_id": "B1"}

    def _post(self, bot: Bot, arguments: Mapping[str, Any]) -> Answer:
        channel = self._channel(bot, arguments, "chat:write")
        if not arguments.get("text"):
            raise Refusal("no_text")
        message: Answer = {
            "type": "message",
            "bot_id": "B1",
            "text": arguments["text"],
            "ts": f"{int(self.clock())}.{next(self._numbers):06d}",
        }
        if "metadata" in arguments:
            message["metadata"] = _metadata(arguments["metadata"])
        channel.messages.append(message)
        return {"ok": True, "channel": channel.id, "ts": message["ts"], "message": message}

    def _history(self, bot: Bot, arguments: Mapping[str, Any]) -> Answer:
        channel = self._channel(bot, arguments, "channels:history")
        oldest = float(arguments.get("oldest") or 0)
        limit = min(int(arguments.get("limit") or PAGE), MOST)
        start = int(arguments.get("cursor") or 0)
        found = [each for each in reversed(channel.messages) if float(each["ts"]) > oldest]
        page = found[start : start + limit]
        if str(arguments.get("include_all_metadata", "")).lower() not in {"1", "true"}:
            page = [{k: v for k, v in each.items() if k != "metadata"} for each in page]
        more = start + limit < len(found)
        cursor = {"next_cursor": str(start + limit) if more else ""}
        return {"ok": True, "messages": page, "has_more": more, "response_metadata": cursor}

    def _channel(self, bot: Bot, arguments: Mapping[str, Any], scope: str) -> Channel:
        if scope not in bot.scopes:
            raise Refusal("missing_scope", needed=scope, provided=",".join(sorted(bot.scopes)))
        channel = self.channels.get(str(arguments.get("channel")))
        if channel is None:
            raise Refusal("channel_not_found")
        if bot.name not in channel.members:
            raise Refusal("not_in_channel")
        return channel

    _METHODS: Mapping[str, Callable[["SlackStub", Bot, Mapping[str, Any]], Answer]] = {
        "auth.test": _test,
        "chat.postMessage": _post,
        "conversations.history": _history,
    }


def _unknown(_stub: SlackStub, _bot: Bot, _arguments: Mapping[str, Any]) -> Answer:
    raise Refusal("unknown_method")


def _arguments(environ: WSGIEnvironment) -> Mapping[str, Any]:
    """Read the arguments as Slack does: JSON or a form, and the query."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length).decode() if length else ""
    query = dict(parse_qsl(environ.get("QUERY_STRING", "")))
    if body.startswith("{"):
        return {**query, **json.loads(body)}
    return {**query, **dict(parse_qsl(body))}


def _metadata(given: object) -> Answer:
    metadata = json.loads(given) if isinstance(given, str) else given
    if not isinstance(metadata, dict) or metadata.keys() != {"event_type", "event_payload"}:
        raise Refusal("invalid_metadata_format")
    return metadata


def _answer(
    start: StartResponse, status: str, body: bytes, *headers: tuple[str, str]
) -> Iterable[bytes]:
    kind = () if any(name == "content-type" for name, _ in headers) else (_JSON,)
    start(status, [*kind, *headers, ("content-length", str(len(body)))])
    return [body]


_JSON = ("content-type", "application/json; charset=utf-8")
