"""The migrations: from nothing, from a filled database, at the same moment, and back."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from maverick_adapters.sql import open_engine, revision_state, upgrade
from maverick_adapters.sql.migrate import downgrade
from maverick_adapters.sql.tables import metadata
from maverick_core.pipeline.batch import BatchEvent, BatchState
from maverick_core.pipeline.upload.actions import End, Settle
from maverick_core.pipeline.upload.desk import Decision
from tests.adapters.sql.conftest import NewDatabase
from tests.adapters.sql.scene import LEASE, NOVEMBER, scene_on

# What a database held that was made by the first version and never migrated since.
FIRST_VERSION = """
INSERT INTO workspaces (slug, timezone, batch_size, created_at)
VALUES ('acme', 'UTC', 2500, '2026-11-02 09:00:00');

INSERT INTO monthly_targets (workspace_id, month, contacts, updated_at)
VALUES (1, '2026-11', 100, '2026-11-02 09:00:00');

INSERT INTO imports (workspace_id, file_name, rows, added, started_at)
VALUES (1, 'list.csv', 3, 3, '2026-11-02 09:00:00');

INSERT INTO contacts (workspace_id, email, first_name, import_id, verified_at)
VALUES (1, 'ann@agency.example', 'Ann', 1, '2026-11-02 09:00:00'),
       (1, 'bob@agency.example', 'Bob', 1, '2026-11-02 09:00:00'),
       (1, 'cy@agency.example', 'Cy', 1, '2026-11-02 09:00:00');

INSERT INTO contact_batches (workspace_id, month, state, contacts, chunk_size, accepted,
                             failure_code, created_at, updated_at)
VALUES (1, '2026-11', 'failed', 2, 500, 1, 'unavailable',
        '2026-11-02 09:00:00', '2026-11-02 09:00:00');

INSERT INTO batch_members (batch_id, position, contact_id) VALUES (1, 0, 1), (1, 1, 2);

INSERT INTO batch_chunks (batch_id, number, state, contacts, accepted)
VALUES (1, 0, 'sent', 2, 1);

INSERT INTO outcomes (contact_id, batch_id, outcome, lead_id, at)
VALUES (1, 1, 'accepted', 1001, '2026-11-02 09:00:00')
"""

UPGRADE = """
import sys
from maverick_adapters.sql import open_engine, upgrade

upgrade(open_engine(sys.argv[1]))
"""


@pytest.fixture
def first_version(empty: Engine) -> Engine:
    """Fill a database of the first version."""
    upgrade(empty, "0001")
    with empty.begin() as connection:
        for statement in FIRST_VERSION.split(";"):
            connection.execute(text(statement))
    return empty


def test_an_empty_database_is_brought_to_the_present(empty: Engine) -> None:
    """And says where it stands before and after."""
    _, head = revision_state(empty)

    upgrade(empty)

    assert revision_state(empty) == (head, head)


def test_a_database_without_tables_has_no_revision(empty: Engine) -> None:
    """That is how a first start is told from an old version."""
    assert revision_state(empty)[0] is None


def test_upgrading_again_changes_nothing(engine: Engine) -> None:
    """``maverick db upgrade`` may be run at every start."""
    scene = scene_on(engine)
    scene.batch(3)
    before = scene.store.snapshot()

    upgrade(engine)

    assert scene.store.snapshot() == before


def test_processes_that_upgrade_at_once_follow_each_other(empty: Engine) -> None:
    """Each process of a deployment may try; all but the first find the work done."""
    url = empty.url.render_as_string(hide_password=False)
    upgrades = [subprocess.Popen([sys.executable, "-c", UPGRADE, url]) for _ in range(3)]

    assert [process.wait() for process in upgrades] == [0, 0, 0]
    current, head = revision_state(empty)
    assert current == head


def test_threads_that_upgrade_at_once_follow_each_other(empty: Engine) -> None:
    """Alembic itself works for one thread at a time."""
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(upgrade, [empty] * 4))

    current, head = revision_state(empty)
    assert current == head


def test_the_migrations_make_the_tables_that_the_code_knows(engine: Engine) -> None:
    """Alembic itself finds nothing to migrate."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)

        assert compare_metadata(context, metadata) == []


def test_the_migrations_make_every_rule_that_the_code_knows(
    engine: Engine, new_database: NewDatabase
) -> None:
    """Checks, triggers and the conditions of indexes too, which alembic does not compare."""
    straight = open_engine(new_database())
    metadata.create_all(straight)

    rules, expected = catalogue(engine), catalogue(straight)
    fired, as_expected = triggers(engine), triggers(straight)
    straight.dispose()
    assert rules == expected
    assert fired == as_expected
    assert fired


def catalogue(engine: Engine) -> dict[str, Any]:
    """Return all that the database says of its tables, save alembic's own and the views."""
    looking = inspect(engine)
    return {
        table: {
            "columns": [{**column, "type": str(column["type"])} for column in columns],
            "key": looking.get_pk_constraint(table),
            "checks": by_name(looking.get_check_constraints(table)),
            "unique": by_name(looking.get_unique_constraints(table)),
            "foreign": by_name(looking.get_foreign_keys(table)),
            "indexes": by_name(looking.get_indexes(table)),
        }
        for (_, table), columns in looking.get_multi_columns().items()
        if table != "alembic_version"
    }


def triggers(engine: Engine) -> list[Any]:
    """Return what the database does by itself when rows change, with the words of it."""
    asked = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": (
            "SELECT tgname, pg_get_triggerdef(oid) || pg_get_functiondef(tgfoid)"
            " FROM pg_trigger WHERE NOT tgisinternal"
        ),
    }
    with engine.connect() as connection:
        return sorted(map(tuple, connection.execute(text(asked[engine.dialect.name]))))


def by_name(things: Any) -> list[dict[str, Any]]:
    """Sort, and compare the conditions of indexes, which are expressions, by their words."""
    return sorted(
        (
            {**thing, "dialect_options": words(thing.get("dialect_options", {}))}
            for thing in map(dict, things)
        ),
        key=lambda thing: str(thing["name"]),
    )


def words(options: Any) -> dict[str, str]:
    return {name: str(value) for name, value in options.items()}


def test_a_filled_database_of_the_first_version_loses_nothing(first_version: Engine) -> None:
    """What was counted stays counted, what was in doubt stays in doubt."""
    upgrade(first_version)

    scene = scene_on(first_version)
    account = scene.store.account(1, NOVEMBER)
    assert (account.uploaded, account.reserved, account.in_doubt) == (1, 1, 1)
    assert scene.store.recount(1, NOVEMBER) == account
    assert scene.store.supply(1) == 1
    assert scene.store.trace(1, "bob@agency.example").batch_id == 1


def test_work_goes_on_in_a_database_of_the_first_version(first_version: Engine) -> None:
    """A batch that failed under the old version is ended under the new one."""
    upgrade(first_version)
    scene = scene_on(first_version)
    scene.store.requeue(1, Decision("pat", scene.clock.now()))

    claim = scene.claim(1)
    settlement = Settle(0, skipped=claim.chunks[0].contacts, settled=True)
    scene.store.settle(claim, settlement, lease_seconds=LEASE)
    scene.store.finish(claim, End(BatchEvent.FINISH))

    assert scene.store.batch(1).state is BatchState.UPLOADED
    assert scene.plan(scene.store.workspace("acme"), 1)[0] == 2


def test_going_back_keeps_what_the_older_version_knows(engine: Engine) -> None:
    """The ledger outlives a step back and forth; decisions do not."""
    scene = scene_on(engine)
    batch_id = scene.batch(3)
    scene.store.cancel(batch_id, Decision("pat", scene.clock.now()))
    before = scene.store.snapshot()

    downgrade(engine, "0001")
    upgrade(engine)

    assert scene.store.snapshot() == before
    assert scene.store.history(batch_id) == ([], [])


def test_a_database_can_be_emptied_of_all_that_is_ours(engine: Engine) -> None:
    """Every step can be taken back, the first one too."""
    downgrade(engine, "base")

    assert inspect(engine).get_table_names() == ["alembic_version"]


def test_a_migration_that_breaks_off_leaves_nothing_behind(first_version: Engine) -> None:
    """A step is one transaction, on SQLite too: the next try finds the database as it was."""
    with first_version.begin() as connection:
        connection.execute(text("CREATE VIEW pipeline_stats_cache AS SELECT 1 AS one"))
    before = inspect(first_version).get_table_names()

    with pytest.raises(Exception, match="already exists"):
        upgrade(first_version)

    assert revision_state(first_version)[0] == "0001"
    assert inspect(first_version).get_table_names() == before
