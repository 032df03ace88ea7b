"""A provider that is asked in bulk over HTTP: a question is posted, its answer is fetched later."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final, TypeVar
from urllib.parse import quote, urlsplit

import msgspec
from msgspec import Struct

from maverick_adapters.address import is_safe
from maverick_adapters.verifiers.answers import (
    UNREADABLE,
    Failure,
    failure_of,
    finding_of,
)
from maverick_adapters.verifiers.line import Line, Reply, TransportFactory, direct
from maverick_core.kernel.email import BadEmail, normalise_email
from maverick_core.kernel.errors import Rejected, Unauthorised, Unavailable
from maverick_core.pipeline.verification.ports import (
    Answer,
    AskAnswer,
    Asked,
    Declined,
    Forgotten,
    Found,
    NoAnswer,
    NotYet,
    Refused,
)
from maverick_core.pipeline.verification.verdicts import Finding

_BULK: Final = "/v1/bulk"
_ACCOUNT: Final = "/v1/account"
_POLL_SECONDS: Final = 5.0
_LONGEST_REFERENCE: Final = 200  # characters
_GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


class _Job(Struct):
    id: str


class _Result(Struct):
    email: str
    status: str
    reason: str | None = None


class _State(Struct):
    status: str
    results: list[_Result] | None = None
    retry_after: float | None = None


class _Account(Struct):
    credits: int


_Shape = TypeVar("_Shape", bound=Struct)


class HttpVerifier:
    """Satisfies ``Verifier`` with a provider's bulk API; safe to share between threads."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout_seconds: float = 60.0,
        transport: TransportFactory = direct,
    ) -> None:
        """Ask at ``url`` with ``key``; nothing is opened yet.

        Raises:
            Rejected: ``bad_verifier_url``.

        """
        if not is_safe(url):
            raise Rejected(
                "The address of the verifier is not usable: it must be https://HOST, or http:// "
                "on this machine only.",
                code="bad_verifier_url",
                remedy="Correct MAVERICK_VERIFIER_URL.",
            )
        self._name = urlsplit(url).hostname or url
        self._line = Line(url, key, timeout_seconds=timeout_seconds, transport=transport)

    @property
    def name(self) -> str:
        """The host: another provider has another budget."""
        return self._name

    def ask(self, key: str, emails: Sequence[str]) -> AskAnswer:
        """Post the question; see ``Verifier.ask``."""
        body = msgspec.json.encode({"emails": emails})
        reply = self._line.send("POST", _BULK, headers={"Idempotency-Key": key}, body=body)
        job = _read(reply, _Job)
        if not isinstance(job, _Job):
            return job
        if not 0 < len(job.id) <= _LONGEST_REFERENCE or not job.id.isprintable():
            return UNREADABLE
        return Asked(job.id)

    def answer(self, reference: str) -> Answer:
        """Fetch the answer; see ``Verifier.answer``."""
        reply = self._line.send("GET", f"{_BULK}/{quote(reference, safe='')}")
        if isinstance(reply, Reply) and reply.status in _GONE:
            return Forgotten()
        state = _read(reply, _State)
        if not isinstance(state, _State):
            return state
        if state.status == "processing":
            return NotYet(_POLL_SECONDS if state.retry_after is None else state.retry_after)
        if state.status != "done" or state.results is None:
            return UNREADABLE
        return Found([each for result in state.results if (each := _finding(result))])

    def introduce(self) -> str:
        """Say how many credits are left; see ``Verifier.introduce``."""
        account = _read(self._line.send("GET", _ACCOUNT), _Account)
        match account:
            case _Account(left):
                return f"{self._name}, {left:,} credits left"
            case NoAnswer(_, why):
                raise Unavailable(why, code="verifier_unavailable", remedy="Try again later.")
            case Declined(code, why) | Refused(code, why):
                raise Unauthorised(why, code=code)

    def close(self) -> None:
        """Close the connection."""
        self._line.close()


def _read(reply: Reply | NoAnswer | Refused, shape: type[_Shape]) -> _Shape | Failure:
    """Return what a successful answer holds, else what the answer means."""
    if not isinstance(reply, Reply):
        return reply
    if not HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
        return failure_of(reply.status, reply.headers)
    try:
        return msgspec.json.decode(reply.body, type=shape)
    except msgspec.MsgspecError:
        return UNREADABLE


def _finding(result: _Result) -> Finding | None:
    try:
        email = normalise_email(result.email)
    except BadEmail:
        return None
    return Finding(email, *finding_of(result.status, result.reason or ""))
