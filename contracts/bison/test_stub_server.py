"""The stub over a real socket: kept connections, dropped answers, slow ones, many at once."""

import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from contracts.bison.asking import (
    ACME,
    client,
    connected,
    emails,
    open_stub,
    over,
    people,
    person,
    upsert,
)
from contracts.bison.stub import BisonStub, Fault, serve

REQUEST = f"GET /api/users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ACME}\r\n"


def raw(port: int, sent: str) -> bytes:
    """Send bytes and read until the server closes the connection."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(sent.encode())
        while block := connection.recv(65_536):
            received += block
    return received


def test_answers_are_the_same_as_in_process() -> None:
    """The server adds nothing and takes nothing away."""
    direct, served = open_stub(), open_stub()

    with connected(served) as asking:
        over_socket = upsert(asking, *people(500))
    in_process = upsert(client(direct), *people(500))

    assert over_socket.status_code == in_process.status_code == 201
    assert over_socket.content == in_process.content
    assert served.held("Acme") == direct.held("Acme")


def test_paths_and_queries_arrive_decoded() -> None:
    """An address in a path is percent-encoded, a plus in it is a plus."""
    stub = open_stub()

    with connected(stub) as asking:
        upsert(asking, person("ann+list@agency.example"))
        found = asking.get("/api/leads/ann%2Blist%40agency.example")
        searched = asking.get("/api/leads", params={"search": "ann+list@agency.example"})

    assert found.status_code == 200
    assert emails(searched) == ["ann+list@agency.example"]


def test_a_connection_is_kept_for_the_next_request() -> None:
    """Until the client asks to close it; then nothing follows the answer."""
    with serve(open_stub()) as server:
        received = raw(server.port, f"{REQUEST}\r\n{REQUEST}Connection: close\r\n\r\n{REQUEST}\r\n")

    assert received.count(b"HTTP/1.1 200 OK") == 2
    assert received.count(b"connection: close") == 1


@pytest.mark.parametrize(
    "sent",
    [
        "nonsense\r\n\r\n",
        "GET /\r\n\r\n",
        f"{REQUEST}no colon\r\n\r\n",
        f"{REQUEST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        f"{REQUEST}Content-Length: many\r\n\r\n",
    ],
)
def test_what_is_no_request_is_400_and_ends_the_connection(sent: str) -> None:
    """A chunked body is none either: no client of the API sends one."""
    with serve(open_stub()) as server:
        received = raw(server.port, sent)

    assert received.startswith(b"HTTP/1.1 400 ")


def test_a_client_that_waits_to_send_its_body_is_told_to() -> None:
    """Curl does so from a certain size on."""
    sent = f"{REQUEST}Expect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}"

    with serve(open_stub()) as server:
        received = raw(server.port, sent)

    assert received.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")


@pytest.mark.parametrize(("does", "held"), [("drop_before", 0), ("drop_after", 1), ("late", 0)])
def test_a_dropped_answer_is_a_closed_connection(does: Any, held: int) -> None:
    """The client sees the connection end without a byte; the next request is served."""
    stub = open_stub()
    stub.script(Fault(does, times=1, after_requests=100))

    with connected(stub) as asking:
        with pytest.raises(httpx.RemoteProtocolError):
            upsert(asking, person())
        found = stub.held_count("Acme")
        answer = asking.get("/api/users")

    assert found == held
    assert answer.status_code == 200


def test_truncated_json_is_a_whole_http_answer() -> None:
    """Only the decoder notices."""
    stub = open_stub()
    stub.script(Fault("truncate"))

    with connected(stub) as asking:
        answer = upsert(asking, person())

    assert answer.status_code == 201
    assert len(answer.content) == int(answer.headers["Content-Length"])
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        answer.json()


@pytest.mark.parametrize(("does", "held"), [("latency", 0), ("slow", 1)])
def test_an_answer_may_be_slower_than_the_client_is_patient(does: Any, held: int) -> None:
    """``slow`` has applied the request by then, ``latency`` has not."""
    stub = open_stub()
    stub.script(Fault(does, seconds=0.3, times=1))

    with serve(stub) as server, over(server, timeout_seconds=0.1) as asking:
        with pytest.raises(httpx.ReadTimeout):
            upsert(asking, person())
        found = stub.held_count("Acme")

    assert found == held


def test_many_clients_at_once_lose_nothing() -> None:
    """Sixteen threads, overlapping chunks: every address is held once, every push counted."""
    stub = open_stub()

    def push(number: int) -> int:
        with over(server) as asking:
            return sum(
                upsert(asking, *people(50, start=(number % 4) * 50)).status_code == 201
                for _ in range(4)
            )

    with serve(stub) as server, ThreadPoolExecutor(16) as pool:
        taken = sum(pool.map(push, range(16)))

    assert taken == 64
    assert stub.held_count("Acme") == 200
    assert set(stub.pushes.values()) == {16}
    assert stub.requests.count("POST") == 64


def test_a_closed_server_answers_nobody() -> None:
    """Kept connections end too, and closing twice does no harm."""
    server = serve(open_stub())

    with over(server) as asking:
        assert asking.get("/api/users").status_code == 200
        server.close()
        server.close()
        with pytest.raises(httpx.TransportError):
            asking.get("/api/users")


def test_it_listens_on_the_loopback_interface_only() -> None:
    """The inspection side has no password."""
    with serve(open_stub()) as server:
        assert server.url == f"http://127.0.0.1:{server.port}"


def test_an_unforeseen_error_is_a_500_not_a_dead_connection(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A defect of the stub must not look like a scripted fault, and is told on stderr."""

    def broken(_seconds: float) -> None:
        raise ZeroDivisionError

    stub: BisonStub = open_stub(sleep=broken)
    stub.script(Fault("latency", times=1))

    with connected(stub) as asking:
        answer = asking.get("/api/users")

    assert answer.status_code == 500
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_the_stub_runs_as_a_program_of_its_own() -> None:
    """The first line it writes is its URL; SIGTERM ends it cleanly."""
    command = [sys.executable, "-W", "error", "-m", "contracts.bison.stub"]
    options = ["--workspace", f"Acme={ACME}", "--variable", "city", "--slim", "--latency", "0.001"]
    program = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [*command, *options],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None

    with program.stdout:
        url = program.stdout.readline().strip()
        row = person(custom_variables=[{"name": "city", "value": "Ulm"}])
        with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {ACME}"}) as asking:
            answer = upsert(asking, row)
            held = asking.get("/_stub/workspaces/Acme/held").json()["data"]
        program.terminate()
        code = program.wait(timeout=10)
        rest = program.stdout.read()

    assert answer.status_code == 201
    assert set(answer.json()["data"][0]) == {"id", "email", "status"}
    assert held == ["ann@agency.example"]
    assert (code, rest) == (0, "")
