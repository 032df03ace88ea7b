"""Which domains take mail, by the DNS: who is silent is unknown, and never taken for somebody.

Domains are looked up side by side, because each waits for servers that are far away, and all of
them within one time, because some servers never answer.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from enum import Enum
from functools import cached_property
from ipaddress import ip_address
from typing import Final

import dns.exception
import dns.name
import dns.nameserver
import dns.rdatatype
import dns.resolver

from maverick_core.kernel.errors import Rejected, Unavailable

LOOKUP_SECONDS: Final = 5.0  # for one question, however many servers are asked
_SERVER_SECONDS: Final = 2.0
_THREADS: Final = 24
_KEPT: Final = 20_000  # answers, each no longer than it says itself
_PORT: Final = 53
_LAST_PORT: Final = 65_535


class Mail(Enum):
    """What the DNS says of a domain."""

    TAKEN = "taken"
    """There are servers that take mail for it."""
    NONE = "none"
    """It takes no mail: it says so (RFC 7505), or names no server that could."""
    NO_DOMAIN = "no_domain"
    """It does not exist."""
    UNKNOWN = "unknown"
    """Nobody answered who knows, or not in time."""


class MailServers:
    """Looks domains up; safe to share between threads. Reads the system's own servers if any."""

    def __init__(
        self,
        servers: Sequence[str] = (),
        *,
        lookup_seconds: float = LOOKUP_SECONDS,
        all_seconds: float = 240.0,
    ) -> None:
        """Ask ``servers`` (``ADDRESS`` or ``ADDRESS:PORT``), else those that the system names.

        ``all_seconds`` bounds one call, however many domains it is about.

        Raises:
            Rejected: ``bad_dns_servers``.

        """
        self._servers = [_nameserver(each) for each in servers]
        self._lookup_seconds = lookup_seconds
        self._all_seconds = all_seconds

    @cached_property
    def _resolver(self) -> dns.resolver.Resolver:
        resolver = self._made()
        resolver.cache = dns.resolver.LRUCache(_KEPT)
        return resolver

    def _made(self) -> dns.resolver.Resolver:
        try:
            resolver = dns.resolver.Resolver(configure=not self._servers)
        except dns.resolver.NoResolverConfiguration as error:
            raise Unavailable(
                "This machine names no DNS servers.",
                code="dns_unreachable",
                remedy="Name some in MAVERICK_DNS_SERVERS.",
            ) from error
        if self._servers:
            resolver.nameservers = list(self._servers)
        resolver.timeout = min(_SERVER_SECONDS, self._lookup_seconds)
        resolver.lifetime = self._lookup_seconds
        return resolver

    def look(self, domains: Collection[str]) -> Mapping[str, Mail]:
        """Return what is known of each domain; each is asked for once.

        Raises:
            Unavailable: ``dns_unreachable``, there is nobody to ask.

        """
        resolver = self._resolver
        pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="dns")
        try:
            asked: dict[str, Future[Mail]] = {
                domain: pool.submit(_mail, resolver, domain) for domain in dict.fromkeys(domains)
            }
            wait(asked.values(), timeout=self._all_seconds)
            return {
                domain: future.result() if future.done() else Mail.UNKNOWN
                for domain, future in asked.items()
            }
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def introduce(self) -> str:
        """Say who is asked, after a look whether they answer.

        Raises:
            Unavailable: ``dns_unreachable``.

        """
        resolver, begun = self._made(), time.monotonic()
        try:
            resolver.resolve(dns.name.root, dns.rdatatype.NS, raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN:
            pass  # an answer all the same
        except dns.exception.DNSException as error:
            raise Unavailable(
                f"No DNS server answers ({type(error).__name__}).",
                code="dns_unreachable",
                remedy="Name others in MAVERICK_DNS_SERVERS, or let UDP and TCP port 53 out.",
            ) from error
        milliseconds = (time.monotonic() - begun) * 1_000
        return f"{', '.join(map(str, resolver.nameservers))} ({milliseconds:.0f} ms)"


def _mail(resolver: dns.resolver.Resolver, domain: str) -> Mail:
    try:
        name = dns.name.from_text(f"{domain}.")
        servers = resolver.resolve(name, dns.rdatatype.MX, raise_on_no_answer=False)
        if servers.rrset:
            named = [server for server in servers if server.exchange != dns.name.root]
            return Mail.TAKEN if named else Mail.NONE
        return Mail.TAKEN if _has_address(resolver, name) else Mail.NONE
    except dns.resolver.NXDOMAIN:
        return Mail.NO_DOMAIN
    except dns.exception.DNSException:
        return Mail.UNKNOWN


def _has_address(resolver: dns.resolver.Resolver, name: dns.name.Name) -> bool:
    """Say whether the domain is a host itself, which then takes its mail (RFC 5321 5.1)."""
    return any(
        resolver.resolve(name, kind, raise_on_no_answer=False).rrset
        for kind in (dns.rdatatype.A, dns.rdatatype.AAAA)
    )


def _nameserver(text: str) -> dns.nameserver.Nameserver:
    host, _, port = text.rpartition(":") if text.count(":") == 1 else (text, "", str(_PORT))
    try:
        address, number = str(ip_address(host)), int(port)
    except ValueError:
        address, number = "", 0
    if not 0 < number <= _LAST_PORT:
        raise Rejected(
            f"{text!r} is no address of a DNS server.",
            code="bad_dns_servers",
            remedy="Write addresses, separated by commas, as in 192.0.2.53,192.0.2.54.",
        )
    return dns.nameserver.Do53Nameserver(address, number)
