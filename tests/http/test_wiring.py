"""The application over what production wires: its checks see what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from falcon import testing

from maverick_adapters.container import wire
from maverick_adapters.settings import load_settings
from maverick_adapters.sql import upgrade
from maverick_adapters.sql.migrate import downgrade
from maverick_http.app import build_app
from maverick_http.wsgi import facade_of
from tests.services.redis import RedisServer


@contextmanager
def wired_client(folder: Path, **settings: Any) -> Iterator[tuple[testing.TestClient, Any]]:
    """Give a client of the application as a worker of gunicorn would make it."""
    url = f"sqlite:///{folder}/wired.db"
    with wire(load_settings(database_url=url, **settings)) as wired:
        yield testing.TestClient(build_app(facade_of(wired))), wired.engine


def codes(client: testing.TestClient) -> dict[str, str]:
    checks = client.simulate_get("/readyz").json["checks"]
    return {check["name"]: check["code"] for check in checks}


def test_a_database_that_is_behind_is_no_database_to_work_on(tmp_path: Path) -> None:
    """Before the first migration, after the last, and after one was taken back."""
    with wired_client(tmp_path) as (client, engine):
        empty = codes(client)
        upgrade(engine)
        ready = codes(client)
        downgrade(engine, "-1")
        behind = codes(client)

    assert empty == behind == {"database": "db_behind"}
    assert ready == {"database": "ok"}


def test_a_redis_that_is_configured_has_to_answer(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    """One that is not, is not asked for."""
    with wired_client(tmp_path, redis_url=redis_server.url) as (client, engine):
        upgrade(engine)
        there = codes(client)
        redis_server.stop()
        away = codes(client)

    assert there == {"database": "ok", "redis": "ok"}
    assert away == {"database": "ok", "redis": "redis_unreachable"}
