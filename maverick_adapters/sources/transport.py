"""One request to one host: connected to the address that was judged, bounded in size and time."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import httpx

from maverick_adapters.sources.guard import Guard
from maverick_core.pipeline.scraping.ports import NotFetched, NotNow, Validators
from maverick_core.retry import Trouble

_HOSTS_KEPT: Final = 64  # connections to so many hosts stay open
_CONNECT_SECONDS: Final = 10.0
_LEAST: Final = 0.001  # seconds; a socket that is given none would not wait at all, and say so


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that came whole."""

    status: int
    headers: httpx.Headers
    body: bytes


@cache
def _tls() -> object:
    return httpx.create_ssl_context(trust_env=False)


class Transport:
    """Keeps a connection a host; safe to share between threads."""

    def __init__(self, guard: Guard, user_agent: str) -> None:
        """Go where ``guard`` lets us, as ``user_agent``."""
        self._guard = guard
        self._headers = {
            "User-Agent": user_agent,
            "Accept": "text/html, application/xhtml+xml, application/json;q=0.9, */*;q=0.1",
            # What is unpacked could be a thousand times what was sent.
            "Accept-Encoding": "identity",
        }
        self._hosts: OrderedDict[str, httpx.HTTPTransport] = OrderedDict()
        self._lock = Lock()

    def get(
        self, url: str, *, headers: Mapping[str, str], most_bytes: int, seconds: float
    ) -> Reply | NotFetched | NotNow:
        """Fetch ``url``, a checked address, following nothing. Never raises for what happens.

        After ``seconds`` nothing is waited for anew, but for one part of the body at most, which
        has what was left when it began. Connecting has ten seconds of its own. Headers that trickle
        are no end of time: httpx counts from byte to byte until they are whole, as far as the
        100 kilobytes that it takes of them.
        """
        address = self._guard.address(url)
        if not isinstance(address, str):
            return address
        try:
            request = self._request(url, address, headers, seconds)
            until = time.monotonic() + seconds
            with closing(self._host(url).handle_request(request)) as response:
                # The body is read with what this says by then.
                request.extensions["timeout"]["read"] = max(until - time.monotonic(), _LEAST)
                body = _read(response, most_bytes, until)
                if body is None:
                    return NotFetched("page_too_large", f"It is larger than {most_bytes:,} bytes.")
                return Reply(response.status_code, response.headers, body)
        except httpx.TimeoutException:
            return NotNow(Trouble.UNAVAILABLE, "The site did not answer in time.")
        except httpx.HTTPError as error:
            return NotNow(Trouble.UNAVAILABLE, f"The connection broke ({type(error).__name__}).")

    def _request(
        self, url: str, address: str, headers: Mapping[str, str], seconds: float
    ) -> httpx.Request:
        parts = urlsplit(url)
        host = f"[{address}]" if ":" in address else address
        netloc = f"{host}:{parts.port}" if parts.port else host
        return httpx.Request(
            "GET",
            urlunsplit((parts.scheme, netloc, parts.path, parts.query, "")),
            headers={"Host": parts.netloc, **self._headers, **headers},
            extensions={
                "timeout": httpx.Timeout(seconds, connect=_CONNECT_SECONDS).as_dict(),
                # The certificate is for the name, whatever the address.
                "sni_hostname": parts.hostname,
            },
        )

    def _host(self, url: str) -> httpx.HTTPTransport:
        """Return the host's own transport.

        Hosts that share an address must not share a connection: the certificate that was shown
        on it is one host's.
        """
        parts = urlsplit(url)
        key = f"{parts.scheme}://{parts.netloc}"
        with self._lock:
            if key not in self._hosts:
                self._hosts[key] = httpx.HTTPTransport(verify=_tls(), trust_env=False)  # type: ignore[arg-type]
            self._hosts.move_to_end(key)
            if len(self._hosts) > _HOSTS_KEPT:
                self._hosts.popitem(last=False)[1].close()
            return self._hosts[key]

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            hosts, self._hosts = self._hosts, OrderedDict()
        for transport in hosts.values():
            transport.close()


def conditions(validators: Validators) -> Mapping[str, str]:
    """Return the headers that ask for what has changed since the validators were given."""
    headers = {
        "If-None-Match": validators.etag,
        "If-Modified-Since": validators.last_modified,
    }
    return {name: value for name, value in headers.items() if value}


def _read(response: httpx.Response, most_bytes: int, until: float) -> bytes | None:
    parts: list[bytes] = []
    size = 0
    for part in response.iter_bytes():
        size += len(part)
        if size > most_bytes:
            return None
        if time.monotonic() > until:
            raise httpx.ReadTimeout("the page trickles")
        parts.append(part)
    return b"".join(parts)
