"""The stub, one workspace of it on our side, and the adapter in between with an ear on the wire."""

from __future__ import annotations

from collections import defaultdict, deque
from types import TracebackType
from typing import Any, NamedTuple, Self

import httpx
import orjson

from contracts.bison.stub import BisonStub, Switches
from maverick_adapters.bison import HttpBison
from maverick_adapters.memory import ManualClock, MemoryStore
from maverick_core.pipeline.lead import Lead
from maverick_core.workspaces.ports import TokenIdentity
from maverick_core.workspaces.rules import new_workspace

TOKEN = "12|AbCdEfGhIjKl"  # noqa: S105 - made up
IDENTITY = TokenIdentity(7, "acme")
UPSERT = "/api/leads/create-or-update/multiple"
CREATE = "/api/leads/multiple"
USERS = "/api/users"
VARIABLES = "/api/custom-variables"


class Sent(NamedTuple):
    """A request as it left."""

    method: str
    path: str
    headers: httpx.Headers
    body: Any


class HandTime:
    """Passes when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds


class Wire(httpx.BaseTransport):
    """Hears every request; answers those that an answer was laid out for, passes on the others."""

    def __init__(self, beyond: httpx.BaseTransport) -> None:
        self._beyond = beyond
        self.sent: list[Sent] = []
        self._laid_out: defaultdict[str, deque[httpx.Response | Exception]] = defaultdict(deque)

    def answer(self, path: str, *answers: httpx.Response | Exception) -> None:
        """Lay out answers, one for each of the next requests to the path."""
        self._laid_out[path].extend(answers)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        content = request.read()
        path = request.url.path
        body = orjson.loads(content) if content else None
        self.sent.append(Sent(request.method, path, request.headers, body))
        if not self._laid_out[path]:
            return self._beyond.handle_request(request)
        answer = self._laid_out[path].popleft()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def to(self, path: str) -> list[Sent]:
        """Return the requests to the path."""
        return [sent for sent in self.sent if sent.path == path]


class Scene:
    """Workspace ``acme`` (7 at Email Bison) with a token, ready to push."""

    def __init__(self, switches: Switches = Switches(), **options: Any) -> None:  # noqa: B008
        self.stub = BisonStub(switches)
        self.stub.add_workspace("acme", TOKEN, id=IDENTITY.bison_workspace_id)
        self.campaign = self.stub.add_campaign("acme", "Homeowners")
        self.attach_path = f"/api/campaigns/{self.campaign}/leads/attach-leads"

        self.clock = ManualClock()
        self.store = MemoryStore(self.clock)
        self.workspace = self.store.add_workspace(new_workspace("acme", "America/New_York")).id
        self.store_token(TOKEN)

        self.time = HandTime()
        self.wire = Wire(httpx.WSGITransport(self.stub.app))
        options.setdefault("transports", lambda: self.wire)
        self.bison = HttpBison(
            "http://localhost",
            self.store,
            monotonic=self.time.monotonic,
            sleep=self.time.sleep,
            **options,
        )
        self.sink = self.bison.sink(self.workspace)

    def store_token(self, token: str, identity: TokenIdentity = IDENTITY) -> None:
        """Replace acme's token on our side."""
        self.store.store_token(self.workspace, token, identity, at=self.clock.now())

    def paths(self) -> list[str]:
        """Return where the requests went, in order."""
        return [sent.path for sent in self.wire.sent]

    def close(self) -> None:
        self.bison.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def lead(name: str = "ann", **fields: str | None) -> Lead:
    """Return a made-up person."""
    whole = Lead(1, f"{name}@agency.example", name.title(), None, None, None, None, None)
    return whole._replace(**fields)  # type: ignore[arg-type]


def leads(*names: str) -> list[Lead]:
    """Return made-up people."""
    return [lead(name) for name in names]


def reply(status: int, body: object = None, **headers: str) -> httpx.Response:
    """Return an answer: ``body`` as it is if it is bytes, else as JSON."""
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    dashed = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, content=content, headers=dashed)
