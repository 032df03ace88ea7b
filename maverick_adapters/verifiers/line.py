"""The line to a provider: one request out, its answer in, bounded in size and time.

It speaks to httpx's transport directly, without a client above it: no redirects, no proxies from
the environment, no line in the log that would name what was asked.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from threading import Lock
from typing import Final

import httpx

from maverick_adapters.verifiers.answers import TOO_LARGE, no_answer
from maverick_core.pipeline.verification.ports import NoAnswer, Refused

MAX_ANSWER_BYTES: Final = 32 * 1024 * 1024  # a hundred times the answer to 10,000 mailboxes
_CONNECT_SECONDS: Final = 10.0

TransportFactory = Callable[[], httpx.BaseTransport]


def direct() -> httpx.BaseTransport:
    """Return a transport that keeps its connection; TLS is checked, and 1.2 or newer."""
    context = httpx.create_ssl_context(trust_env=False)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return httpx.HTTPTransport(verify=context)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that came whole."""

    status: int
    headers: httpx.Headers
    body: bytes


class Line:
    """Sends requests to one address with one key; safe to share between threads."""

    def __init__(
        self, base_url: str, key: str, *, timeout_seconds: float, transport: TransportFactory
    ) -> None:
        """Talk to ``base_url``, a checked address; nothing is opened yet."""
        self._base_url = base_url.rstrip("/")
        self._key = key
        self._timeout_seconds = timeout_seconds
        self._transport = transport
        self._open: httpx.BaseTransport | None = None
        self._lock = Lock()

    def send(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Reply | NoAnswer | Refused:
        """Send a request and wait for its answer. Never raises for what happens on the way."""
        timeout = httpx.Timeout(self._timeout_seconds, connect=_CONNECT_SECONDS)
        request = httpx.Request(
            method,
            self._base_url + path,
            headers={
                "Authorization": f"Bearer {self._key}",
                "Accept": "application/json",
                "Content-Type": "application/json",
                # What is unpacked could be a thousand times what was sent.
                "Accept-Encoding": "identity",
                **(headers or {}),
            },
            content=body,
            extensions={"timeout": timeout.as_dict()},
        )
        try:
            with closing(self._opened().handle_request(request)) as response:
                read = self._read(response)
                if read is None:
                    return TOO_LARGE
                return Reply(response.status_code, response.headers, read)
        except (httpx.HTTPError, OSError) as error:
            return no_answer(error)

    def _read(self, response: httpx.Response) -> bytes | None:
        parts: list[bytes] = []
        size = 0
        until = time.monotonic() + self._timeout_seconds
        for part in response.iter_bytes():
            size += len(part)
            if size > MAX_ANSWER_BYTES:
                return None
            if time.monotonic() > until:
                raise httpx.ReadTimeout("the answer trickles")
            parts.append(part)
        return b"".join(parts)

    def _opened(self) -> httpx.BaseTransport:
        with self._lock:
            if self._open is None:
                self._open = self._transport()
            return self._open

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            if self._open is not None:
                self._open.close()
                self._open = None
