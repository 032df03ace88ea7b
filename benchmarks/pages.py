"""Pages of a long list of batches, by every filter and order that a person would use."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any, Final

from falcon import testing
from sqlalchemy import Connection, insert, text

from benchmarks.report import Result, goal
from benchmarks.scale import Scale
from maverick_adapters.container import Wired, wire
from maverick_adapters.logs import configure_logs
from maverick_adapters.settings import load_settings
from maverick_adapters.sql import open_engine, upgrade
from maverick_adapters.sql.tables import contact_batches
from maverick_adapters.system import SystemRandomness
from maverick_core.access.rules import Role
from maverick_core.access.service import CreateKey
from maverick_core.pipeline.batch import BatchState
from maverick_core.pipeline.pages import BatchFilter, BatchOrder, SortKey
from maverick_core.workspaces.rules import new_workspace
from maverick_http.app import build_app
from maverick_http.wsgi import facade_of
from tests.services.databases import Databases

_WORKSPACES: Final = 20
_LIMIT: Final = 50
_TIMES: Final = 9
_FIRST: Final = datetime(2026, 1, 1, tzinfo=UTC)
_RARE: Final = {
    0: BatchState.UPLOADING,
    **dict.fromkeys(range(1, 20), BatchState.READY),
    **dict.fromkeys(range(20, 40), BatchState.FAILED),
    **dict.fromkeys(range(40, 60), BatchState.CANCELLED),
}
"""Of a thousand batches; all others are uploaded."""

FILTERS: Final[Mapping[str, BatchFilter]] = {
    "all": BatchFilter(),
    "failed": BatchFilter(frozenset({BatchState.FAILED})),
    "uploaded": BatchFilter(frozenset({BatchState.UPLOADED})),
    "ready or uploading": BatchFilter(frozenset({BatchState.READY, BatchState.UPLOADING})),
    "of a workspace": BatchFilter(slug="client-7"),
    "failed, of a workspace": BatchFilter(frozenset({BatchState.FAILED}), "client-7"),
    "of a month": BatchFilter(month="2026-06"),
    "of a workspace and month": BatchFilter(slug="client-7", month="2026-06"),
    "failed for a reason": BatchFilter(codes=frozenset({"token_refused"})),
    "of a day": BatchFilter(
        created_from=_FIRST + timedelta(days=100), created_before=_FIRST + timedelta(days=101)
    ),
    "taken twice": BatchFilter(min_claims=2),
    "of a contact": BatchFilter(email="nobody@agency.example"),
}


def measure(scale: Scale, databases: Databases) -> Result:
    """Read the first page and one further down, on both databases, and one over HTTP."""
    configure_logs(level="error", form="json")
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        addresses = {
            "PostgreSQL": databases.create(),
            "SQLite": f"sqlite:///{Path(folder) / 'pages.db'}",
        }
        served: dict[str, float] = {}
        totals: dict[str, float] = {}
        for name, address in addresses.items():
            _fill(address, scale.batches)
            with wire(load_settings(_env_file=None, database_url=address)) as wired:
                for what, figure in _pages(wired):
                    found.setdefault(what, []).append(figure)
                totals[name] = _milliseconds(wired.store.batch_totals)
                served[name] = _over_http(wired)
            print(f"  round 1, {name}: {scale.batches:,} batches")
    slowest = [max(figures[at] for figures in found.values()) for at in range(len(addresses))]
    rows = [(what, *(f"{figure:.1f}" for figure in figures)) for what, figures in found.items()]
    rows.append(("totals by state", *(f"{totals[name]:.1f}" for name in addresses)))
    rows.append(("newest first, over HTTP", *(f"{served[name]:.1f}" for name in addresses)))
    return Result(
        "pages",
        (f"page of {_LIMIT} of {scale.batches:,} batches, ms", *addresses),
        rows,
        [
            *(
                goal(f"Milliseconds for the slowest page, {name}", figure, most=50)
                for name, figure in zip(addresses, slowest, strict=True)
            ),
            goal("Milliseconds for a page over HTTP, the slower", max(served.values()), most=200),
        ],
    )


def _pages(wired: Wired) -> Iterator[tuple[str, float]]:
    for (name, wanted), by in product(FILTERS.items(), SortKey):
        figures = []
        for descending in (True, False):
            order = BatchOrder(by, descending=descending)
            first = wired.store.batches(wanted, order=order, limit=_LIMIT)
            figures.append(_milliseconds(_reading(wired, wanted, order, None)))
            if first:
                after = order.cursor(first[-1])
                figures.append(_milliseconds(_reading(wired, wanted, order, after)))
        yield f"{name}, by {by}", max(figures)


def _reading(
    wired: Wired, wanted: BatchFilter, order: BatchOrder, after: Any
) -> Callable[[], object]:
    return lambda: wired.store.batches(wanted, order=order, after=after, limit=_LIMIT)


def _milliseconds(call: Callable[[], object]) -> float:
    figures = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        call()
        figures.append((time.perf_counter() - began) * 1_000)
    return median(figures)


def _over_http(wired: Wired) -> float:
    key = CreateKey(wired.store, SystemRandomness(), wired.clock)("bench", Role.VIEWER).secret
    client = testing.TestClient(build_app(facade_of(wired)))
    headers = {"Authorization": f"Bearer {key}"}

    def ask() -> None:
        answer = client.simulate_get("/api/v1/batches", headers=headers)
        assert len(answer.json["data"]) == _LIMIT, answer.text

    return _milliseconds(ask)


def _fill(address: str, batches: int) -> None:
    engine = open_engine(address, pool_size=1)
    upgrade(engine)
    with wire(load_settings(_env_file=None, database_url=address)) as wired:
        for number in range(_WORKSPACES):
            wired.store.add_workspace(new_workspace(f"client-{number}", "UTC"))
    with engine.begin() as connection:
        ids = [row.id for row in connection.execute(text("SELECT id FROM workspaces ORDER BY id"))]
        for start in range(0, batches, 10_000):
            end = min(start + 10_000, batches)
            rows = [_row(number, ids, batches) for number in range(start, end)]
            connection.execute(insert(contact_batches), rows)
    with _settled(engine) as connection:
        connection.execute(text("ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE"))
    engine.dispose()


@contextmanager
def _settled(engine: Any) -> Iterator[Connection]:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection


def _row(number: int, workspaces: list[int], batches: int) -> dict[str, object]:
    """Return a batch; the year's are made one after the other, by all workspaces in turn."""
    state = _RARE.get(number * 7919 % 1_000, BatchState.UPLOADED)
    size = 100 + number * 31 % 2_400
    created = _FIRST + timedelta(days=365) * (number / batches)
    failed = state is BatchState.FAILED
    return {
        "workspace_id": workspaces[number % _WORKSPACES],
        "month": f"{created:%Y-%m}",
        "state": state,
        "contacts": size,
        "chunk_size": 500,
        "accepted": size if state is BatchState.UPLOADED else 0,
        "claims": 2 if number % 500 == 0 else 1,
        "failure_code": ("token_refused", "unavailable")[number % 2] if failed else "",
        "created_at": created,
        "updated_at": created + timedelta(minutes=number * 13 % 600),
    }
