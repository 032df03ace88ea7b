"""The error table: what each way of not answering means for the leads that were sent.

Source: the vendor's specification and recorded answers (``bison-api.md``, section 5). What is not
in it ends the batch with a message instead of being guessed at.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

import httpx

from maverick_adapters.bison.complaints import Complaint, read_complaint
from maverick_adapters.bison.words import plain
from maverick_adapters.retry_after import retry_after
from maverick_core.pipeline.upload.answers import (
    Limited,
    Lost,
    Misconfigured,
    Refused,
    Unauthorised,
    Unavailable,
)

Trouble = Refused | Lost | Unavailable | Limited | Unauthorised | Misconfigured

TOKEN_REFUSED: Final = Unauthorised(
    "token_refused", "Email Bison refuses the token: it is mistyped, expired or deleted."
)
WRONG_WORKSPACE: Final = Unauthorised(
    "wrong_workspace",
    "The token belongs to another Email Bison workspace than the one it is used for.",
)
ENDPOINT_MISSING: Final = Misconfigured(
    "endpoint_missing",
    "Email Bison does not have this endpoint: check the address of the instance.",
)
_ELSEWHERE: Final = Misconfigured(
    "endpoint_moved",
    "Email Bison sends us to another address: configure the one that you log in to.",
)
_TOO_MANY: Final = Misconfigured(
    "too_many_leads", "Email Bison takes fewer leads in a request than are sent."
)
_TOO_SLOW: Final = Unavailable("Email Bison gave up waiting for the request (408).")

_BY_STATUS: Final[Mapping[int, Trouble]] = MappingProxyType(
    {
        **dict.fromkeys(range(300, 400), _ELSEWHERE),
        HTTPStatus.UNAUTHORIZED: TOKEN_REFUSED,
        HTTPStatus.FORBIDDEN: WRONG_WORKSPACE,
        HTTPStatus.METHOD_NOT_ALLOWED: ENDPOINT_MISSING,
        HTTPStatus.REQUEST_TIMEOUT: _TOO_SLOW,
    }
)
# 413: too large as a whole, so its halves may pass.
_REFUSALS: Final = frozenset({400, 413, 422})


def trouble(
    status: int,
    body: bytes,
    headers: Mapping[str, str],
    *,
    token: str,
    missing: Misconfigured = ENDPOINT_MISSING,
) -> Trouble:
    """Say what an answer that is not 2xx means; ``missing`` is what a missing record means here."""
    if known := _BY_STATUS.get(status):
        return known
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unavailable(f"Email Bison answered {status}.")
    complaint = read_complaint(body)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        wait = retry_after(headers)
        return Limited(complaint.retry_after if wait is None else wait)
    if status in _REFUSALS:
        return _refused(status, complaint, token)
    if status == HTTPStatus.NOT_FOUND:
        return ENDPOINT_MISSING if complaint.message.startswith("The route ") else missing
    return Misconfigured("unexpected_answer", f"Email Bison answered {status}.")


def _refused(status: int, complaint: Complaint, token: str) -> Refused | Misconfigured:
    if "must not have more than" in complaint.message and not complaint.rows:
        return _TOO_MANY
    silent = f"Email Bison refused the request ({status}) without a reason."
    rows = {index: plain(text, token=token) for index, text in complaint.rows.items()}
    return Refused(plain(complaint.message, token=token) or silent, rows)


_NOT_REACHED: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


def no_answer(error: Exception) -> Lost | Unavailable:
    """Say what it means that no whole answer came.

    The error's own text is dropped: it may quote headers.
    """
    if isinstance(error, _NOT_REACHED):
        if any(isinstance(cause, ssl.SSLError) for cause in _causes(error)):
            return Unavailable("The certificate of Email Bison is not trusted.", reached=False)
        return Unavailable("Email Bison cannot be reached.", reached=False)
    if isinstance(error, httpx.TimeoutException):
        return Lost("No answer came in time.")
    return Lost("The connection broke before the answer was complete.")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error:
        yield error
        error = error.__cause__ or error.__context__


def not_understood(body: bytes, *, token: str) -> Lost:
    """Say what a 2xx answer of an unknown shape means; one that says it failed says so here."""
    complaint = read_complaint(body)
    if complaint.success is False:
        said = plain(complaint.message, token=token)
        return Lost(f"Email Bison answered OK but says that it failed: {said}")
    return Lost("Email Bison's answer does not make sense.")


def before_sending(met: Trouble) -> Unavailable | Limited | Unauthorised | Misconfigured:
    """Turn trouble with a question that goes before the leads: they were certainly not sent."""
    match met:
        case Lost(detail) | Unavailable(detail):
            return Unavailable(detail, reached=False)
        case Refused(detail):
            return Misconfigured("unexpected_answer", detail)
    return met
