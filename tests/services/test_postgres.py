"""The private PostgreSQL itself: it answers, it copies, and it goes when its owner goes."""

import signal
import subprocess
import sys
from collections.abc import Callable

import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text

from tests.services.databases import Databases
from tests.services.postgres import ADDRESS_VARIABLE


def query(url: str, statement: str) -> object:
    engine = create_engine(url)
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        value = result.scalar() if result.returns_rows else None
    engine.dispose()
    return value


def make_contacts(url: str) -> None:
    query(url, "CREATE TABLE contacts AS SELECT 7 AS id")


def test_the_session_s_own_database_answers(postgres_url: str) -> None:
    assert query(postgres_url, "SELECT 1") == 1


def test_fresh_databases_do_not_see_each_other(
    fresh_postgres_database: Callable[[], str],
) -> None:
    one, other = fresh_postgres_database(), fresh_postgres_database()
    make_contacts(one)

    assert query(other, "SELECT count(*) FROM pg_stat_user_tables") == 0


def test_a_copy_of_a_template_has_its_rows_and_keeps_its_own_changes(
    postgres_template: Callable[[Callable[[str], None]], Callable[[], str]],
) -> None:
    fresh = postgres_template(make_contacts)
    one, other = fresh(), fresh()
    query(one, "DELETE FROM contacts")

    assert query(one, "SELECT count(*) FROM contacts") == 0
    assert query(other, "SELECT id FROM contacts") == 7


def test_a_template_is_set_up_once(postgres_databases: Databases) -> None:
    """Two fixtures that name the same set-up share its template."""
    calls: list[str] = []
    for _ in range(2):
        postgres_databases.template(calls.append)()

    assert len(calls) == 1


def test_a_dropped_database_is_gone_even_while_someone_is_connected(
    postgres_databases: Databases,
) -> None:
    url = postgres_databases.create()
    engine = create_engine(url)
    with engine.connect():
        postgres_databases.drop(str(make_url(url).database))
    engine.dispose()

    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url.replace("+psycopg", ""))


@pytest.mark.parametrize("blow", [signal.SIGTERM, signal.SIGKILL], ids=lambda blow: blow.name)
def test_the_server_goes_however_its_owner_goes(blow: signal.Signals) -> None:
    """The guard's pipe is the lease: no exit handler of the owner is needed."""
    command = f'echo "${ADDRESS_VARIABLE}"; exec cat'
    owner = subprocess.Popen(
        [sys.executable, "-m", "tests.services.postgres", "--", "sh", "-c", command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with owner:
        assert owner.stdout is not None
        url = owner.stdout.readline().strip().replace("+psycopg", "")
        with psycopg.connect(url) as connection:
            owner.send_signal(blow)

            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT pg_sleep(120)")
