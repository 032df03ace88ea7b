"""What hosts allow robots is remembered, of so many hosts."""

from __future__ import annotations

import httpx

from maverick_adapters.sources.robots import HOSTS_KEPT, Robots
from maverick_adapters.sources.transport import Reply


def test_the_rules_of_the_hosts_that_were_asked_last_are_remembered() -> None:
    """Links may lead to hosts without end; who is still read is not asked for its rules again."""
    fetched: list[str] = []

    def fetch(url: str) -> Reply:
        fetched.append(url.removesuffix("/robots.txt"))
        return Reply(200, httpx.Headers(), b"User-agent: *\nAllow: /\n")

    robots = Robots(fetch, "maverick")
    hosts = [f"https://{number}.example" for number in range(HOSTS_KEPT + 1)]
    for host in hosts[:-1]:
        assert robots.why_not(f"{host}/") is None
    robots.why_not(f"{hosts[0]}/")
    robots.why_not(f"{hosts[-1]}/")
    assert fetched == hosts

    robots.why_not(f"{hosts[0]}/")
    assert fetched == hosts
    robots.why_not(f"{hosts[1]}/")
    assert fetched == [*hosts, hosts[1]]
