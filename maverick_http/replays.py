"""Requests that come twice and are done once: ``Idempotency-Key`` (IETF draft of that name)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from types import TracebackType
from typing import Final, Self

import falcon

from maverick_core.access.ports import Answer, Replays
from maverick_core.access.rules import Caller
from maverick_core.kernel.errors import MaverickError, Rejected
from maverick_core.kernel.time import Clock

HEADER: Final = "Idempotency-Key"
_End = Callable[[Answer | None], Answer | None]
_KEY: Final = re.compile(r"[\x21-\x7e]{1,200}", re.ASCII)


class Begun:
    """A request that was begun. Leaving the block without an answer allows it to be tried again.

    ``answer`` is what whoever asked is to be given. Where the request was taken for dead and came
    again, and that one ended first, it is that one's answer, also if this one was refused.
    """

    def __init__(self, end: _End, answer: Answer | None) -> None:
        """Take ``answer``, where it was given before."""
        self._end = end
        self.answer = answer
        self.replayed = answer is not None

    def keep(self, answer: Answer) -> None:
        """Keep the answer for those who ask again."""
        self.answer = answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        own = None if error else self.answer
        self.answer = self._end(own)
        self.replayed = self.answer != own
        return self.replayed and isinstance(error, MaverickError)


@dataclass(frozen=True, slots=True)
class Once:
    """Keeps what comes twice from being done twice."""

    replays: Replays
    clock: Clock

    def begin(self, request: falcon.Request, caller: Caller, raw: bytes) -> Begun:
        """Begin a request, or find the answer that it was given before.

        Raises:
            Rejected: ``idempotency_key_missing``, ``bad_idempotency_key``, or
                ``idempotency_key_reused``.
            Conflict: ``request_running``.

        """
        key = _key_of(request)
        now = self.clock.now()
        named = (caller.key_id, key, _fingerprint(request, raw))
        answer = self.replays.begin_request(*named, at=now)
        return Begun(partial(self.replays.end_request, *named, began_at=now), answer)


def _key_of(request: falcon.Request) -> str:
    key = request.get_header(HEADER)
    if not key:
        raise Rejected(
            f"The request has no {HEADER}.",
            code="idempotency_key_missing",
            remedy="Send a fresh one with each request, and the same one when you repeat it.",
        )
    if not _KEY.fullmatch(key):
        raise Rejected(
            f"The {HEADER} cannot be one.",
            code="bad_idempotency_key",
            remedy="Use up to 200 letters, digits and signs without spaces, such as a UUID.",
        )
    return key


def _fingerprint(request: falcon.Request, raw: bytes) -> bytes:
    """Return what tells this request from others: where it goes and what it says."""
    asked = f"{request.method} {request.path}?{request.query_string}\n"
    return sha256(asked.encode("utf-8", "replace") + raw).digest()
