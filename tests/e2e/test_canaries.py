"""Secrets and people that are looked for everywhere that something is written down or shown.

Reliability, checklist 19. Email Bison repeats every request in its answers, whole and in pieces;
what it says comes to workers, jobs, messages, metrics, logs, people's terminals and HTTP. A token,
a key and a password are nowhere. An address is where it belongs, and the places are written down.
"""

from __future__ import annotations

import base64
import csv
import json
import os
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import redis
from sqlalchemy import make_url

from contracts.bison.stub import BisonStub
from contracts.serving import serve_app
from maverick_adapters.container import wire
from maverick_adapters.settings import load_settings
from maverick_adapters.sql import upgrade
from maverick_adapters.sql.tables import metadata
from maverick_adapters.vault import Vault
from maverick_core.jobs.rules import UPLOAD_QUEUE
from maverick_core.pipeline.batch import BatchState
from maverick_core.topology.queues import QUEUES
from maverick_core.workspaces.rules import new_workspace
from maverick_runners.cli.output import Form
from tests.docs.maverick import maverick
from tests.e2e.desk import MAVERICK, Desk
from tests.e2e.stage import wait_for
from tests.e2e.test_workers import free_port
from tests.services.processes import command, family
from tests.services.redis import RedisServer

TOKEN: Final = "1|cAnArYtOkEnCaNaRy"  # noqa: S105 - made up
REDIS_PASSWORD: Final = "cAnArYredispassword"  # noqa: S105 - made up
PERSON: Final = "canary.person"
PEOPLE: Final = [f"{PERSON}{n}@clinic.example" for n in range(8)]

WHERE_AN_ADDRESS_BELONGS: Final = {"contacts.email"}
"""Columns of the database."""

COMMANDS: Final = (
    "workspaces list", "tokens list", "tokens test acme", "targets show acme", "batches list",
    "batches show B-1", "jobs list", "audit list", "keys list", "notifications list", "doctor",
    "db check", "tokens rotate-key",
)  # fmt: skip

PATHS: Final = (
    "/api/v1/workspaces", "/api/v1/workspaces/acme", "/api/v1/workspaces/acme/bison-token",
    "/api/v1/jobs", "/api/v1/audit", "/api/v1/topology", "/api/v1/nothing", "/readyz",
    "/api/v1/batches", "/api/v1/batches/B-1", "/api/v1/operations",
    "/api/v1/workspaces/acme/targets",
)  # fmt: skip

Environ = dict[str, Any]
Start = Callable[..., Any]


class Echo:
    """Email Bison that answers the first pushes with what it was sent, in every way there is."""

    def __init__(self, stub: BisonStub) -> None:
        self._app = stub.app
        self._ways: list[Callable[[str], tuple[str, str]]] = [
            lambda told: ("500 Error", json.dumps({"message": told})),
            lambda told: ("200 OK", f'{{"data": [{{"email": "{told}"'),
            lambda told: ("422 No", json.dumps({"message": told, "errors": {told: [told]}})),
            lambda told: ("429 Too Many", json.dumps({"message": told, "retry_after": told})),
            lambda told: ("200 OK", json.dumps({"data": {"success": False, "message": told}})),
        ]  # fmt: skip

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """Answer."""
        if not (self._ways and environ["PATH_INFO"].startswith("/api/leads/")):
            return self._app(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        status, text = self._ways.pop(0)(f"{environ['HTTP_AUTHORIZATION']} {body.decode()}")
        raw = text.encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(raw)))]
        start_response(status, headers)
        return [raw]


@dataclass(frozen=True)
class House:
    """Everything that runs, and the secrets that it was given."""

    desk: Desk
    redis: redis.Redis
    port: int
    metrics_port: int
    secrets: dict[str, str]

    def shows_no_secret(self, where: str, text: str) -> None:
        """Look for every secret, in a few ways of writing it."""
        for name, secret in self.secrets.items():
            for written in (secret, secret.replace("|", "%7C"), secret.partition("|")[2] or secret):
                assert written not in text, f"{name} is in {where}"

    def shows_nobody(self, where: str, text: str) -> None:
        """Look for the people too."""
        self.shows_no_secret(where, text)
        assert PERSON not in text, f"an address is in {where}"


@pytest.fixture
def house(
    redis_server: RedisServer,
    fresh_postgres_database: Callable[[], str],
    tmp_path: Path,
) -> Iterator[House]:
    """Give a workspace with people, on services with passwords, logged as much as can be."""
    stub = BisonStub()
    stub.add_workspace("Acme", TOKEN, id=11)
    with redis_server.client() as client:
        client.config_set("requirepass", REDIS_PASSWORD)
    with ExitStack() as stack:
        database_url, key = fresh_postgres_database(), Vault.new_key()
        port, metrics_port = free_port(), free_port()
        settings = {
            "bison_url": stack.enter_context(serve_app(Echo(stub))).url,
            "database_url": database_url,
            "secret_key": key,
            "redis_url": redis_server.url.replace("unix://", f"unix://:{REDIS_PASSWORD}@"),
            "http_port": str(port),
            "http_workers": "1",
            "metrics_port": str(metrics_port),
            "lease_seconds": "1",
            "sweep_seconds": "0.2",
            "sweep_patience_seconds": "1",
            "log_level": "DEBUG",
        }
        wired = stack.enter_context(wire(load_settings(**settings)))
        upgrade(wired.engine)
        wired.store.add_workspace(new_workspace("acme", "UTC", batch_size=4))
        wired.set_token("acme", TOKEN)
        told = {f"MAVERICK_{name.upper()}": value for name, value in settings.items()}
        secrets = {
            "the token": TOKEN,
            "the secret key": key,
            "the secret key, decoded": base64.urlsafe_b64decode(key).hex(),
            "the database's password": str(make_url(database_url).password),
            "Redis's password": REDIS_PASSWORD,
        }
        desk = Desk(tmp_path, stub, {**os.environ, **told, "COLUMNS": "300"}, wired)
        told_redis = stack.enter_context(redis.Redis.from_url(settings["redis_url"]))
        yield House(desk, told_redis, port, metrics_port, secrets)


def write_list(folder: Path) -> str:
    """Write a list with people who can be imported, and some who cannot."""
    path = folder / "list.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["email", "first name"])
        rows.writerows([email, "Ann"] for email in PEOPLE)
        rows.writerows([[PEOPLE[0], "Twice"], [f"{PERSON}@@clinic.example", "Wrong"]])
    return str(path)


def ran(house: House, line: str) -> str:
    """Return everything that a command shows, whatever it ends with."""
    return maverick(line.split(), "", house.desk.folder, house.desk.environment)


def on_redis(client: redis.Redis) -> str:
    """Return what is in Redis, of whatever kind; values that Redis can print it does."""
    readers: dict[Any, Callable[[bytes], object]] = {
        b"string": client.get,
        b"hash": client.hgetall,
        b"set": client.smembers,
        b"list": lambda key: client.lrange(key, 0, -1),
        b"zset": lambda key: client.zrange(key, 0, -1),
    }
    found: list[bytes] = list(client.scan_iter())
    return "".join(f"{key!r} {readers[client.type(key)](key)!r}\n" for key in found)


def columns(house: House) -> Iterator[tuple[str, str]]:
    """Yield every column of every table with what is in it."""
    with house.desk.wired.engine.connect() as connection:
        for table in metadata.sorted_tables:
            rows = connection.execute(table.select()).mappings().all()
            for column in table.columns:
                yield f"{table.name}.{column.name}", " ".join(str(row[column.name]) for row in rows)


def served(house: House, path: str, key: str = "") -> str:
    """Return an answer of HTTP with its headers."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    answer = httpx.get(f"http://127.0.0.1:{house.port}{path}", headers=headers, timeout=30)
    return f"{answer.status_code} {answer.headers} {answer.text}"


def answers(house: House) -> bool:
    try:
        return "200" in served(house, "/healthz")
    except httpx.TransportError:
        return False


def at_rest(house: House) -> bool:
    """Say whether all that was planned has ended, and every worker has said how."""
    batches = [house.desk.wired.store.batch(number) for number in (1, 2)]
    jobs = house.desk.wired.store.jobs(limit=100)
    over = {BatchState.UPLOADED, BatchState.FAILED}
    return all(batch.state in over for batch in batches) and all(job.finished_at for job in jobs)


def worked(house: House, key: str) -> Iterator[tuple[str, str]]:
    """Run everything until the work is done; yield what is seen of it from outside."""
    desk = house.desk
    with (
        (desk.folder / "log").open("ab") as log,
        subprocess.Popen(
            [MAVERICK, "up"], cwd=desk.folder, env=desk.environment, stdout=log, stderr=log
        ) as process,
    ):
        try:
            wait_for(lambda: answers(house) and at_rest(house))
            yield "a list of processes", " ".join(map(command, family(process.pid)))
            yield "the metrics of HTTP", served(house, "/metrics")
            metrics = f"http://127.0.0.1:{house.metrics_port + QUEUES.index(UPLOAD_QUEUE)}/metrics"
            yield "the metrics of the workers", httpx.get(metrics, timeout=30).text
            for path in PATHS:
                yield path, served(house, path, key)
                yield f"{path} without a key", served(house, path)
                yield f"{path} with a wrong key", served(house, path, TOKEN)
        finally:
            process.terminate()
            process.wait(timeout=60)
    yield "Redis", on_redis(house.redis)
    yield "the log", (desk.folder / "log").read_text(errors="replace")


def test_what_is_secret_is_nowhere_and_people_are_where_they_belong(house: House) -> None:
    """After an import, a plan, an upload with every echo, and a look at all of it."""
    desk = house.desk
    key = json.loads(desk.run("keys", "create", "desk", "--role", "admin", "-o", "json"))["secret"]
    house.secrets["the key"] = key
    people = write_list(desk.folder)
    imported = ran(house, f"import {people} --workspace acme --verified")
    month = str(desk.month)
    shown = [("targets set", ran(house, f"targets set acme {month} 8"))]
    shown += [("batches create", ran(house, "batches create --workspace acme"))]
    shown += worked(house, key)
    shown += [
        (f"{line} {form}", ran(house, f"{line} -o {form}")) for line in COMMANDS for form in Form
    ]

    house.shows_no_secret("the output of import", imported)
    for where, text in shown:
        assert text, where
        house.shows_nobody(where, text)
    assert "DEBUG" in dict(shown)["the log"].upper()
    for where, text in columns(house):
        house.shows_no_secret(where, text)
        assert PERSON not in text or where in WHERE_AN_ADDRESS_BELONGS, where
    for file in desk.folder.iterdir():
        house.shows_no_secret(file.name, file.read_text(errors="replace"))
