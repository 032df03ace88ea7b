"""The floor: the same contacts from the same tables to the same destination, without a guarantee.

One statement plans, eight threads send, each with connections of its own. Nothing is locked,
checked or resumed; an outcome a contact is all that is recorded. What a careful person writes in an
afternoon, and what the product's figures are held against.

    python -m benchmarks.floor DATABASE BISON
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import Any, Final

import httpx
import orjson
import psycopg

from benchmarks.child import Stopwatch, report

THREADS: Final = 8
CHUNK: Final = 500

_TABLES: Final = """
CREATE TABLE floor_members (workspace_id bigint, chunk int, contact_id bigint);
CREATE TABLE floor_outcomes (contact_id bigint, outcome text, lead_id bigint)
"""
_PLAN: Final = f"""
INSERT INTO floor_members
SELECT workspace_id, (row_number() OVER (PARTITION BY workspace_id ORDER BY id) - 1) / {CHUNK}, id
FROM contacts
"""  # noqa: S608 - a number of ours
_INDEX: Final = "CREATE INDEX ON floor_members (workspace_id, chunk)"
_CHUNKS: Final = "SELECT DISTINCT workspace_id, chunk FROM floor_members ORDER BY 1, 2"
_READ: Final = """
SELECT c.id, email, first_name, last_name, title, company, notes, variables
FROM floor_members m JOIN contacts c ON c.id = m.contact_id
WHERE m.workspace_id = %s AND m.chunk = %s
"""
_WRITE: Final = "COPY floor_outcomes (contact_id, outcome, lead_id) FROM STDIN (FORMAT BINARY)"
_FIELDS: Final = ("email", "first_name", "last_name", "title", "company", "notes")

_Chunks = SimpleQueue[tuple[int, int]]


def plan(address: str) -> _Chunks:
    """Put every contact into a chunk and return the chunks."""
    chunks: _Chunks = SimpleQueue()
    with psycopg.connect(address) as connection:
        connection.execute(_PLAN)
        connection.execute(_INDEX)
        for chunk in connection.execute(_CHUNKS).fetchall():
            chunks.put(chunk)
    return chunks


def upload(address: str, bison: str, tls: Any, chunks: _Chunks) -> int:
    """Send chunks until there are none; returns the contacts that were taken."""
    taken = 0
    with (
        psycopg.connect(address) as connection,
        connection.cursor(binary=True) as cursor,
        httpx.Client(base_url=bison, verify=tls, timeout=120) as client,
    ):
        while True:
            try:
                workspace, chunk = chunks.get_nowait()
            except Empty:
                return taken
            rows = cursor.execute(_READ, (workspace, chunk)).fetchall()
            taken += record(cursor, rows, send(client, workspace, rows))
            connection.commit()


def send(client: httpx.Client, workspace: int, rows: list[Any]) -> dict[str, int]:
    """Send the rows as leads; returns lead ids by e-mail."""
    answer = client.post(
        "/api/leads/create-or-update/multiple",
        content=orjson.dumps(
            {"existing_lead_behavior": "patch", "leads": [lead(row) for row in rows]}
        ),
        headers={
            "Authorization": f"Bearer {workspace}|floor",
            "Content-Type": "application/json",
            "Accept": "application/json",
        },
    )
    answer.raise_for_status()
    return {row["email"]: row["id"] for row in orjson.loads(answer.content)["data"]}


def lead(row: tuple[Any, ...]) -> dict[str, Any]:
    """Shape a contact as the API wants it."""
    shaped = {name: value for name, value in zip(_FIELDS, row[1:7], strict=True) if value}
    if row[7]:
        variables = orjson.loads(row[7])
        shaped["custom_variables"] = [{"name": n, "value": v} for n, v in variables.items()]
    return shaped


def record(cursor: psycopg.Cursor[Any], rows: list[Any], ids: dict[str, int]) -> int:
    """Append an outcome for each row."""
    with cursor.copy(_WRITE) as copy:
        copy.set_types(("int8", "text", "int8"))
        for row in rows:
            lead_id = ids.get(row[1])
            copy.write_row((row[0], "accepted" if lead_id else "skipped", lead_id))
    return len(ids)


def main() -> None:
    address, bison = sys.argv[1:]
    tls = httpx.create_ssl_context()
    with psycopg.connect(address) as connection:
        connection.execute(_TABLES)

    with Stopwatch() as watch, ThreadPoolExecutor(THREADS) as pool:
        chunks = plan(address)
        planned = watch.seconds
        threads = [pool.submit(upload, address, bison, tls, chunks) for _ in range(THREADS)]
        counted = sum(thread.result() for thread in threads)

    with psycopg.connect(address) as connection:
        recorded = connection.execute(
            "SELECT count(*) FROM floor_outcomes WHERE outcome = 'accepted'"
        ).fetchone()
    report(watch, plan_seconds=planned, recorded=recorded[0] if recorded else 0, counted=counted)


if __name__ == "__main__":
    main()
