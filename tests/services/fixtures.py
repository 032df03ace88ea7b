"""Fixtures for services, loaded for `tests` and `contracts` alike by the root `conftest.py`.

PostgreSQL is started once in a run, by the process that owns it: pytest itself when a test first
asks, or the controller of `-n`, whose workers find the address in their environment.
Where `MAVERICK_TEST_DATABASE_URL` was set by hand, that server is used and none is started.
Where PostgreSQL is missing, its tests are skipped on a desk and fail where `CI` is set.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Never

import pytest
from sqlalchemy import make_url

from tests.services.databases import Databases
from tests.services.postgres import (
    ADDRESS_VARIABLE,
    PostgresMissingError,
    find_installation,
    running_server,
    said,
)
from tests.services.redis import RedisMissingError, RedisServer, find_redis, running_redis

Setup = Callable[[str], None]


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Start the server before the workers of `-n`, so that they inherit its address."""
    controls_workers = session.config.pluginmanager.hasplugin("dsession")
    if controls_workers and not session.config.option.collectonly:
        try:
            _ensure_server(session.config)
        except PostgresMissingError:
            return  # the workers say so, test by test


@pytest.fixture(scope="session")
def postgres_databases(pytestconfig: pytest.Config, worker_id: str) -> Iterator[Databases]:
    """Databases of this test process on the run's PostgreSQL."""
    try:
        address = _ensure_server(pytestconfig)
    except PostgresMissingError as missing:
        without(str(missing))

    databases = Databases(make_url(address), owner=worker_id)
    yield databases
    databases.drop_all()


@pytest.fixture(scope="session")
def postgres_url(postgres_databases: Databases) -> str:
    """Address of one empty database, this test process's own for the whole session."""
    return postgres_databases.create()


@pytest.fixture(scope="session")
def fresh_postgres_database(postgres_databases: Databases) -> Callable[[], str]:
    """Call it for the address of a new empty database."""
    return postgres_databases.create


@pytest.fixture(scope="session")
def postgres_template(postgres_databases: Databases) -> Callable[[Setup], Callable[[], str]]:
    """Call it with a set-up function; each call of the result copies what that set-up made.

    fresh = postgres_template(upgrade_to_head)
    url = fresh()
    """
    return postgres_databases.template


def _ensure_server(config: pytest.Config) -> str:
    """Return the address of the run's server, starting it when there is none yet."""
    if ADDRESS_VARIABLE in os.environ:
        return os.environ[ADDRESS_VARIABLE]

    installation = find_installation()
    stack = ExitStack()
    address = stack.enter_context(running_server(installation))
    config.add_cleanup(stack.close)
    os.environ[ADDRESS_VARIABLE] = text = address.render_as_string(hide_password=False)
    stack.callback(os.environ.pop, ADDRESS_VARIABLE)
    _say(config, said(installation, address))

    return text


def _say(config: pytest.Config, line: str) -> None:
    reporter = config.pluginmanager.getplugin("terminalreporter")
    capture = config.pluginmanager.getplugin("capturemanager")
    if reporter is None or capture is None:
        return
    with capture.global_and_fixture_disabled():
        reporter.write_line(line)


def without(what: str) -> Never:
    """Skip the test for want of a service, or fail it where CI promises them all."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """Give the test a Redis of its own, to stop and start as it likes."""
    try:
        find_redis()
    except RedisMissingError as missing:
        without(str(missing))
    with running_redis() as server:
        yield server
