"""What every chunk of every upload pays for must not grow with what people can sort lists by."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, func, select, text

from maverick_adapters.sql import open_engine, upgrade
from maverick_adapters.sql.store.statements import prove_claim
from maverick_adapters.sql.tables import Instant
from tests.adapters.sql.conftest import NewDatabase
from tests.adapters.sql.scene import scene_on

_COUNTED = text(
    "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_xact_user_tables"
    " WHERE relname = 'contact_batches'"
)


@pytest.fixture
def postgres(new_postgres: NewDatabase) -> Iterator[Engine]:
    """Open a PostgreSQL database with the tables of today."""
    engine = open_engine(new_postgres())
    upgrade(engine)
    yield engine
    engine.dispose()


def prove(connection: Connection, batch: int, fence: int) -> None:
    """Write to the batch what each chunk writes to it."""
    more = dict.fromkeys(("accepted", "skipped", "rejected", "not_attachable"), 0)
    given = {f"more_{name}": count for name, count in more.items()}
    now = connection.execute(select(func.clock_timestamp(type_=Instant))).scalar_one()
    statement = prove_claim(func.clock_timestamp(type_=Instant))
    connection.execute(statement, {"of_batch": batch, "of_fence": fence, "at": now, **given})


def test_no_index_of_the_batches_is_written_to_for_a_chunk(postgres: Engine) -> None:
    """PostgreSQL then updates the row where it lies (HOT): its indexes do not even see it."""
    scene = scene_on(postgres)
    batch = scene.batch(4)
    claim = scene.claim(batch)
    with postgres.begin() as connection:
        updates, in_place = connection.execute(_COUNTED).one()
        for _ in range(3):
            prove(connection, batch, claim.fence)
        after = connection.execute(_COUNTED).one()

    assert tuple(after) == (updates + 3, in_place + 3)
