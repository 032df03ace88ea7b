"""The HTTP API as it is run, met by somebody who means no good: two processes, one Redis."""

from __future__ import annotations

import os
import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

from contracts.bison.stub import BisonStub, serve
from maverick_adapters.container import wire
from maverick_adapters.settings import load_settings
from maverick_adapters.sql import upgrade
from maverick_adapters.system import SystemRandomness
from maverick_adapters.vault import Vault
from maverick_core.access.rules import Role
from maverick_core.access.service import CreateKey
from maverick_core.workspaces.rules import new_workspace
from tests.e2e.desk import TOKEN, Desk
from tests.e2e.test_http import served
from tests.e2e.test_listeners import listeners
from tests.e2e.test_workers import free_port
from tests.http.security.test_schemathesis import CHECKS
from tests.services.processes import family
from tests.services.redis import RedisServer

PACE, GUESSES = 30, 5
WORKSPACES = "/api/v1/workspaces"


@pytest.fixture
def desk(redis_server: RedisServer, tmp_path: Path) -> Iterator[Desk]:
    """Give a desk whose server allows little."""
    stub = BisonStub()
    stub.add_workspace("Acme", TOKEN, id=11)
    with ExitStack() as stack:
        settings = {
            "bison_url": stack.enter_context(serve(stub, 0)).url,
            "database_url": f"sqlite:///{tmp_path}/desk.db",
            "secret_key": Vault.new_key(),
            "redis_url": redis_server.url,
            "http_port": str(free_port()),
            "http_workers": "2",
            "http_requests_per_minute": str(PACE),
            "http_guesses_per_minute": str(GUESSES),
        }
        wired = stack.enter_context(wire(load_settings(**settings)))
        upgrade(wired.engine)
        wired.store.add_workspace(new_workspace("acme", "UTC"))
        told = {f"MAVERICK_{name.upper()}": value for name, value in settings.items()}
        yield Desk(tmp_path, stub, {**os.environ, **told}, wired)


def key_of(desk: Desk, name: str) -> dict[str, str]:
    """Return the header of a new key."""
    create = CreateKey(desk.wired.store, SystemRandomness(), desk.wired.clock)
    return {"Authorization": f"Bearer {create(name, Role.OPERATOR).secret}"}


def ask_alone(url: str, headers: dict[str, str]) -> httpx.Response:
    """Ask on a connection of its own, so that either process may take it."""
    return httpx.get(url, headers={**headers, "Connection": "close"}, timeout=30)


def test_two_processes_let_a_burst_through_up_to_one_limit(desk: Desk) -> None:
    """And guesses up to theirs, whatever key comes after; a revoked key is worthless at once."""
    burst, other = key_of(desk, "burst"), key_of(desk, "other")
    with served(desk) as client, ThreadPoolExecutor(8) as pool:
        url = str(client.base_url.join(WORKSPACES))
        answers = list(pool.map(lambda _: ask_alone(url, burst), range(2 * PACE)))
        fresh = ask_alone(url, other)
        desk.wired.store.revoke_key("other", at=desk.wired.clock.now())
        revoked = [ask_alone(url, other) for _ in range(2)]
        guessed = [ask_alone(url, {"Authorization": "Bearer x"}) for _ in range(GUESSES)]
        found = {host for host, _ in listeners(family(os.getpid()))}

    late = [answer for answer in answers if answer.status_code == 429]
    assert Counter(answer.status_code for answer in answers) == {200: PACE, 429: PACE}
    assert all(1 <= int(answer.headers["Retry-After"]) <= 60 for answer in late)
    assert fresh.status_code == 200
    assert [answer.status_code for answer in revoked] == [401, 401]
    assert [answer.status_code for answer in guessed] == [401] * 3 + [429] * 2
    assert guessed[-1].json()["code"] == "too_many_guesses"
    assert found == {ip_address("127.0.0.1")}


POST, GET = b"POST %s HTTP/1.1\r\nHost: a\r\n", b"GET %s HTTP/1.1\r\nHost: a\r\n"
SMUGGLED = b"0\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n"
RAW = {
    "two lengths": POST + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
    "both": POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n" + SMUGGLED,
    "odd chunks": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "long line": b"GET %s?" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "long header": GET + b"X: " + b"a" * 100_000 + b"\r\n\r\n",
    "many headers": GET + b"X: a\r\n" * 500 + b"\r\n",
    "header split": GET + b"X-Request-Id: abcdefgh\rSet-Cookie: a=b\r\n\r\n",
    "not HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
}


def test_what_is_no_request_is_refused_and_hurts_nobody(desk: Desk) -> None:
    """Nothing is smuggled past the length, and the server goes on answering."""
    firsts = {}
    with served(desk) as client:
        port = int(desk.environment["MAVERICK_HTTP_PORT"])
        for name, raw in RAW.items():
            with socket.create_connection(("127.0.0.1", port), timeout=20) as wire_:
                wire_.sendall(raw.replace(b"%s", WORKSPACES.encode()))
                wire_.shutdown(socket.SHUT_WR)
                told = b""
                while part := wire_.recv(65_536):
                    told += part
            firsts[name] = told
        via = client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"})
        assert (client.get("/healthz").status_code, via.status_code) == (200, 401)

    for name, told in firsts.items():
        refused = (b"HTTP/1.1 4", b"HTTP/1.1 501")
        assert told.startswith(refused) or told == b"", (name, told[:200])
        assert told.count(b"HTTP/1.") <= 1, (name, told)
        assert b"Set-Cookie" not in told
        assert b"Traceback" not in told


def test_the_contract_is_kept_over_the_wire_too(desk: Desk) -> None:
    """What the application promises in process is what gunicorn sends, of every route."""
    desk.environment["MAVERICK_HTTP_REQUESTS_PER_MINUTE"] = "1000000"
    headers = key_of(desk, "fuzz")
    asked = 0

    def ask(case: Any) -> None:
        nonlocal asked
        if "slug" in (case.path_parameters or {}):
            case.path_parameters["slug"] = "acme"
        case.call_and_validate(headers=headers, checks=CHECKS)
        asked += 1

    with served(desk) as client:
        contract: Any = schemathesis.openapi.from_url(f"{client.base_url}/api/openapi.json")
        for found in contract.get_all_operations():
            cases = found.ok().as_strategy()
            settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))(
                given(case=cases)(ask)
            )()

    assert asked > 40
