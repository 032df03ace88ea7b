"""Whoever is not on this machine finds no door: what production listens on, as the kernel says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

import pytest

from tests.e2e.stage import stage_on, wait_for
from tests.e2e.test_workers import free_port
from tests.services.processes import family
from tests.services.redis import RedisServer

LISTENING = "0A"
Address = tuple[IPv4Address | IPv6Address, int]


def sockets_of(pid: int) -> Iterator[str]:
    """Yield the inodes of the sockets that a process holds."""
    try:
        handles = list(Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return  # it has ended
    for handle in handles:
        try:
            target = str(handle.readlink())
        except OSError:
            continue
        if target.startswith("socket:["):
            yield target.removeprefix("socket:[").removesuffix("]")


def listeners(pids: Sequence[int]) -> set[Address]:
    """Return the addresses that the processes accept connections on, over IP of either version."""
    inodes = {inode for pid in pids for inode in sockets_of(pid)}
    return {
        address_of(fields[1])
        for table in ("tcp", "tcp6")
        for fields in map(str.split, Path(f"/proc/net/{table}").read_text().splitlines()[1:])
        if fields[3] == LISTENING and fields[9] in inodes
    }


def address_of(text: str) -> Address:
    """Read an address as the kernel writes it: words of the machine's order, in hexadecimal."""
    host, _, port = text.partition(":")
    words = [bytes.fromhex(host[at : at + 8])[::-1] for at in range(0, len(host), 8)]
    return ip_address(b"".join(words)), int(port, 16)


def test_workers_their_metrics_and_http_listen_on_this_machine_only(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    """Dramatiq's own default would show the metrics to everybody."""
    more = {"metrics_port": str(free_port()), "http_port": str(free_port())}
    url = f"sqlite:///{tmp_path}/desk.db"
    with stage_on(redis_server, tmp_path, url, contacts=40, more=more) as stage, stage.up() as up:
        wait_for(lambda: len(listeners(family(up.pid))) >= 3)  # HTTP, and two queues' metrics
        found = listeners(family(up.pid))

    assert {host for host, _ in found} == {ip_address("127.0.0.1")}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("0100007F:23E7", ("127.0.0.1", 9191)),
        ("00000000:0050", ("0.0.0.0", 80)),  # noqa: S104 - what must be seen
        ("00000000000000000000000001000000:0050", ("::1", 80)),
    ],
)
def test_an_address_is_read_as_the_kernel_means_it(written: str, read: tuple[str, int]) -> None:
    """The check can fail: everybody's address is not this machine's."""
    host, port = read

    assert address_of(written) == (ip_address(host), port)
