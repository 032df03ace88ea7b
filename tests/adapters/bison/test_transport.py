"""What happens between the adapter and the other end of the wire."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import orjson
import pytest

from contracts.bison.stub import Fault, Server, serve
from maverick_adapters.bison import HttpBison
from maverick_adapters.bison.client import MAX_ANSWER_BYTES
from maverick_core.pipeline.upload.answers import Accepted, Lost, Unavailable
from tests.adapters.bison.scene import UPSERT, Scene, lead, reply

Connections = list[object]


@pytest.fixture
def server(scene: Scene) -> Iterator[Server]:
    """Serve the scene's stub."""
    with serve(scene.stub) as server:
        yield server


@pytest.fixture
def connections(server: Server, monkeypatch: pytest.MonkeyPatch) -> Connections:
    """Count the connections that the server sees."""
    seen: Connections = []
    opened = server._tcp.opened

    def note(connection: socket.socket) -> None:
        seen.append(connection)
        opened(connection)

    monkeypatch.setattr(server._tcp, "opened", note)
    return seen


@contextmanager
def adapter(scene: Scene, url: str, timeout_seconds: float = 20.0) -> Iterator[HttpBison]:
    """Talk over real sockets."""
    bison = HttpBison(url, scene.store, timeout_seconds=timeout_seconds, connect_seconds=2.0)
    with closing(bison):
        yield bison


def test_one_connection_carries_request_after_request(
    scene: Scene, server: Server, connections: Connections
) -> None:
    """Whichever sink asks."""
    with adapter(scene, server.url) as bison:
        for _ in range(10):
            assert isinstance(bison.sink(scene.workspace).push([lead()]), Accepted)

    assert len(connections) == 1


def test_no_more_connections_than_requests_at_a_time(
    scene: Scene, server: Server, connections: Connections
) -> None:
    """They belong to nobody, so that threads that come and go leave none behind."""
    with adapter(scene, server.url) as bison:
        sink = bison.sink(scene.workspace)
        for _ in range(3):
            with ThreadPoolExecutor(4) as threads:
                answers = list(threads.map(lambda _: sink.push([lead()]), range(20)))
            assert all(isinstance(answer, Accepted) for answer in answers)

    assert 1 <= len(connections) <= 4


def test_a_connection_that_the_server_closed_is_replaced(
    scene: Scene, server: Server, connections: Connections
) -> None:
    """Idle ones are closed by every server some time."""
    with adapter(scene, server.url) as bison:
        sink = bison.sink(scene.workspace)
        sink.push([lead()])
        scene.stub.script(Fault("drop_before", times=1))

        assert isinstance(sink.push([lead()]), Lost)
        assert isinstance(sink.push([lead()]), Accepted)

    assert len(connections) == 2


def test_a_silent_server_is_left_when_the_time_is_over(scene: Scene) -> None:
    """The request arrived, so its leads are in doubt."""
    let_go = threading.Event()

    def keep_silent(seconds: float) -> None:
        let_go.wait(seconds)

    scene.stub._gate._sleep = keep_silent
    with serve(scene.stub) as server, adapter(scene, server.url, 0.3) as bison:
        sink = bison.sink(scene.workspace)
        sink.push([lead("ann")])
        scene.stub.script(Fault("latency", path=UPSERT, seconds=20))

        answer = sink.push([lead("bob")])
        let_go.set()

    assert answer == Lost("No answer came in time.")


def test_nobody_listens(scene: Scene) -> None:
    """Nothing was sent."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with adapter(scene, f"http://127.0.0.1:{port}") as bison:
        answer = bison.sink(scene.workspace).push([lead()])

    assert answer == Unavailable("Email Bison cannot be reached.", reached=False)


def test_a_name_that_is_not_found(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was sent."""

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with adapter(scene, "https://send.agency.example") as bison:
        answer = bison.sink(scene.workspace).push([lead()])

    assert answer == Unavailable("Email Bison cannot be reached.", reached=False)


def test_the_environment_has_no_say(
    scene: Scene, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A proxy or a netrc that is meant for something else must not see or replace the token."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    with adapter(scene, server.url) as bison:
        assert isinstance(bison.sink(scene.workspace).push([lead()]), Accepted)


def test_cookies_are_not_kept(scene: Scene) -> None:
    """A session could belong to another workspace than the token."""
    rows = {"data": [{"id": 1, "email": lead().email}]}
    scene.wire.answer(UPSERT, reply(201, rows, set_cookie="session=7"))

    scene.sink.push([lead()])
    scene.sink.push([lead()])

    assert "cookie" not in scene.wire.sent[-1].headers


def test_a_packed_answer_is_read_all_the_same(scene: Scene) -> None:
    """It was asked not to be; some proxies pack what they like."""
    rows = orjson.dumps({"data": [{"id": 1, "email": lead().email}]})
    scene.wire.answer(UPSERT, reply(201, gzip.compress(rows), content_encoding="gzip"))

    assert scene.sink.push([lead()]) == Accepted([1])


class Parts(httpx.SyncByteStream):
    """An answer that comes in parts, with something happening after each."""

    def __init__(self, part: bytes, then: Callable[[], None] = lambda: None) -> None:
        self.part = part
        self.then = then
        self.sent = 0
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        while True:
            self.sent += len(self.part)
            yield self.part
            self.then()

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(("status", "expected"), [(201, Lost), (500, Unavailable)])
def test_an_endless_answer_is_cut_off(scene: Scene, status: int, expected: type[object]) -> None:
    """It costs some memory, not all of it."""
    parts = Parts(b" " * 1_000_000)
    scene.wire.answer(UPSERT, httpx.Response(status, stream=parts))

    assert isinstance(scene.sink.push([lead()]), expected)
    assert parts.sent <= MAX_ANSWER_BYTES + 1_000_000
    assert parts.closed


def test_an_answer_that_trickles_is_cut_off(scene: Scene) -> None:
    """Every byte is in time, the whole would never be."""
    parts = Parts(b" ", lambda: scene.time.sleep(60))
    scene.wire.answer(UPSERT, httpx.Response(201, stream=parts))

    assert scene.sink.push([lead()]) == Lost("No answer came in time.")
    assert parts.sent <= 4
    assert parts.closed


class Door(httpx.BaseTransport):
    """A transport that knows whether it was closed."""

    def __init__(self, during: Callable[[], None] = lambda: None) -> None:
        self.during = during
        self.closed = False

    def handle_request(self, _request: httpx.Request) -> httpx.Response:
        self.during()
        return reply(500)

    def close(self) -> None:
        self.closed = True


def test_closing_ends_what_is_idle_and_what_comes_back() -> None:
    """And nothing is sent after it."""
    doors: list[Door] = []

    def door() -> Door:
        doors.append(Door())
        return doors[-1]

    with Scene(transports=door) as scene:
        scene.sink.push([lead()])
        doors[0].during = scene.close
        answer = scene.sink.push([lead()])
        scene.close()
        after = scene.sink.push([lead()])

    assert isinstance(answer, Unavailable)
    assert after == Unavailable("Email Bison cannot be reached.", reached=False)
    assert [door.closed for door in doors] == [True]
