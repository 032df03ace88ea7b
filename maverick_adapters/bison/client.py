"""Sends one request and brings back its answer, whatever it is: transport and nothing else.

It speaks to httpx's transports directly, without ``httpx.Client`` above them. What the client adds
is not wanted here (redirects, cookies, proxies and netrc from the environment, a log line for each
request) and costs a third of the time that a push takes.
"""

from __future__ import annotations

import ssl
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Final

import httpx

from maverick_adapters.bison.answers import no_answer
from maverick_core.pipeline.upload.answers import Lost, Unavailable

MAX_ANSWER_BYTES: Final = 32 * 1024 * 1024  # a hundred times that of 500 leads
IDLE_SECONDS: Final = 30.0  # shorter than servers commonly keep a connection

TransportFactory = Callable[[], httpx.BaseTransport]


def direct() -> TransportFactory:
    """Return what makes transports of one kept connection each, all with one TLS context.

    One connection each, because a pool that threads share slows down with the square of the
    requests under way. One context, and none before it is needed, because it takes long to make.
    """
    context = cache(_tls)
    limits = httpx.Limits(
        max_connections=1, max_keepalive_connections=1, keepalive_expiry=IDLE_SECONDS
    )
    return lambda: httpx.HTTPTransport(verify=context(), limits=limits)


def _tls() -> ssl.SSLContext:
    context = httpx.create_ssl_context(trust_env=False)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that came whole. ``body`` is empty if it was larger than is read."""

    status: int
    headers: httpx.Headers
    body: bytes


class Client:
    """Keeps a transport for each request that is under way; safe to share between threads."""

    def __init__(
        self,
        base_url: str,
        *,
        transports: TransportFactory,
        connect_seconds: float,
        timeout_seconds: float,
        monotonic: Callable[[], float],
    ) -> None:
        """Talk to ``base_url``, a checked address. Connects when it is first asked to send.

        ``timeout_seconds`` bounds every silence, and the time from an answer's head to its end.
        """
        self._base_url = base_url
        self._transports = transports
        self._timeout_seconds = timeout_seconds
        self._extensions = {
            "timeout": httpx.Timeout(timeout_seconds, connect=connect_seconds).as_dict()
        }
        self._monotonic = monotonic
        self._idle: deque[httpx.BaseTransport] = deque()
        self._closed = False
        self._lock = Lock()

    def send(
        self, method: str, path: str, *, token: str, body: bytes | None = None
    ) -> Reply | Lost | Unavailable:
        """Send a request and wait for its answer. ``token`` goes into its header and nowhere else.

        Never raises for what happens on the way.
        """
        request = httpx.Request(
            method,
            self._base_url + path,
            headers={
                "Authorization": f"Bearer {token}",
                "Accept": "application/json",
                "Content-Type": "application/json",
                # What is unpacked could be a thousand times what was sent.
                "Accept-Encoding": "identity",
            },
            content=body,
            extensions=self._extensions,
        )
        try:
            with (
                self._borrowed() as transport,
                closing(transport.handle_request(request)) as response,
            ):
                return Reply(response.status_code, response.headers, self._read(response))
        except (httpx.HTTPError, OSError) as error:  # in process, a transport raises what broke
            return no_answer(error)

    def _read(self, response: httpx.Response) -> bytes:
        parts: list[bytes] = []
        size = 0
        until = self._monotonic() + self._timeout_seconds
        for part in response.iter_bytes():
            size += len(part)
            if size > MAX_ANSWER_BYTES:
                return b""
            if self._monotonic() > until:
                raise httpx.ReadTimeout("the answer trickles")
            parts.append(part)
        return b"".join(parts)

    @contextmanager
    def _borrowed(self) -> Iterator[httpx.BaseTransport]:
        """Lend the transport that came back last: its connection is the least likely to be cold."""
        with self._lock:
            if self._closed:
                raise httpx.ConnectError("the client is closed")
            transport = self._idle.pop() if self._idle else self._transports()
        try:
            yield transport
        finally:
            self._give_back(transport)

    def _give_back(self, transport: httpx.BaseTransport) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(transport)
                return
        transport.close()

    def close(self) -> None:
        """Close what is idle now and what is under way when it is back. Twice does nothing."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, deque()
        for transport in idle:
            transport.close()
