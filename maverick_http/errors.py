"""What errors become over HTTP: the one place that knows status codes (RFC 9457, RFC 9110).

Whatever is raised first becomes one of the kernel's errors, and that becomes a problem document.
The status follows the class, which says whose move it is, unless the code has one of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import falcon

from maverick_core.kernel.errors import (
    Conflict,
    MaverickError,
    Missing,
    Rejected,
    Unauthorised,
    Unavailable,
)
from maverick_http.remedies import remedy_over_http

PROBLEM: Final = "application/problem+json"
RETRY_SECONDS: Final = 5
"""When to come back to what does not answer now."""
_OF_THE_DATABASE: Final = "db_"
"""How the codes begin of what ails the database; the words name its host, or its file."""


class Unauthenticated(Unauthorised):
    """The request's own key is missing or worthless; other credentials are the request's matter."""


class Forbidden(Unauthorised):
    """The key is good, and not for this."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong with a request; ``pointer`` says where (RFC 6901, as a fragment)."""

    pointer: str
    code: str
    detail: str


class Defect(MaverickError):
    """Something is wrong with Maverick itself: report it; the log knows more."""


class Flawed(Rejected):
    """A request with flaws that can be pointed at."""

    def __init__(self, message: str, *, code: str, flaws: Sequence[Flaw], remedy: str = "") -> None:
        """Say what is wrong, and where."""
        super().__init__(message, code=code, remedy=remedy)
        self.flaws = flaws


class TooMany(Unavailable):
    """The request comes too early; ``retry_after`` is in seconds."""

    def __init__(
        self,
        message: str,
        *,
        code: str,
        retry_after: int,
        remedy: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Say when to come back, and in ``headers`` how the caller stands."""
        super().__init__(message, code=code, remedy=remedy)
        self.retry_after = retry_after
        self.headers = headers or {}


STATUS_BY_CLASS: Final[Mapping[type[MaverickError], HTTPStatus]] = {
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    Rejected: HTTPStatus.UNPROCESSABLE_ENTITY,
    Missing: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    # A workspace's Bison token, never the caller's key: a state that somebody has to mend.
    Unauthorised: HTTPStatus.CONFLICT,
}
"""By the class of the error; the first that fits."""

STATUS_BY_CODE: Final[Mapping[str, HTTPStatus]] = {
    "bad_cursor": HTTPStatus.BAD_REQUEST,
    "bad_idempotency_key": HTTPStatus.BAD_REQUEST,
    "bad_json": HTTPStatus.BAD_REQUEST,
    "bad_parameter": HTTPStatus.BAD_REQUEST,
    "bad_request": HTTPStatus.BAD_REQUEST,
    "body_too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "changed_meanwhile": HTTPStatus.PRECONDITION_FAILED,
    "idempotency_key_missing": HTTPStatus.BAD_REQUEST,
    "if_match_missing": HTTPStatus.PRECONDITION_REQUIRED,
    "length_required": HTTPStatus.LENGTH_REQUIRED,
    "method_not_allowed": HTTPStatus.METHOD_NOT_ALLOWED,
    "unknown_parameter": HTTPStatus.BAD_REQUEST,
    "wrong_media_type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
}
"""Where HTTP has a status for just this."""

DEFECT: Final = HTTPStatus.INTERNAL_SERVER_ERROR
UNWELL: Final = HTTPStatus.SERVICE_UNAVAILABLE
"""What a prober is told when it should send nobody here."""


def status_of(error: MaverickError) -> HTTPStatus:
    """Return the status that the error is answered with."""
    known = (status for kind, status in STATUS_BY_CLASS.items() if isinstance(error, kind))
    return STATUS_BY_CODE.get(error.code) or next(known, DEFECT)


def headers_of(error: MaverickError) -> Mapping[str, str]:
    """Return the headers that belong to the error."""
    if isinstance(error, Unauthenticated):
        # RFC 6750, 3: without a key nothing is said of what is wrong with it.
        sent = "" if error.code == "key_not_sent" else ', error="invalid_token"'
        return {"WWW-Authenticate": f'Bearer realm="maverick"{sent}'}
    if isinstance(error, Unavailable):
        standing = error.headers if isinstance(error, TooMany) else {}
        return {**standing, "Retry-After": str(_retry_after(error))}
    return {}


def problem(error: MaverickError, *, request_id: str, docs_url: str) -> dict[str, object]:
    """Return the problem document (RFC 9457)."""
    document: dict[str, object] = {
        "type": type_of(error.code, docs_url),
        "title": error.code.replace("_", " ").capitalize(),
        "status": int(status_of(error)),
        "detail": str(error),
        "instance": request_id,
        "code": error.code,
    }
    if remedy := remedy_over_http(error.code, error.remedy):
        document["remedy"] = remedy
    if isinstance(error, Flawed):
        document["errors"] = [
            {"pointer": flaw.pointer, "code": flaw.code, "detail": flaw.detail}
            for flaw in error.flaws
        ]
    if isinstance(error, Unavailable):
        document["retry_after"] = _retry_after(error)
    return document


def type_of(code: str, docs_url: str) -> str:
    """Return the address of the page that explains the code."""
    return f"{docs_url.rstrip('/')}/reference/error-codes/#{code}"


def of_falcon(error: falcon.HTTPError) -> MaverickError:
    """Return what an error of Falcon's means here."""
    match error:
        case falcon.HTTPRouteNotFound() | falcon.HTTPNotFound():
            return Missing(
                "There is nothing at this address.",
                code="route_missing",
                remedy="See /api/docs for what there is.",
            )
        case falcon.HTTPMethodNotAllowed():
            return Rejected(
                "This address does not know that method.",
                code="method_not_allowed",
                remedy="The header Allow names those that it knows.",
            )
    return Rejected(
        "The request cannot be understood.",
        code="bad_request",
        remedy="Check its address, its headers and its length.",
    )


def defect() -> MaverickError:
    """Return what a person is told of a defect: nothing but where to ask."""
    return Defect(
        "Something went wrong that should not have.",
        code="internal_error",
        remedy="Report the request id in `instance`; the log knows more.",
    )


def is_private(error: MaverickError) -> bool:
    """Say whether the words are for whoever runs Maverick: nobody has proved who asks by then."""
    return error.code.startswith(_OF_THE_DATABASE)


def unwell(code: str) -> MaverickError:
    """Return what a caller is told of what is private: the code, and that it may pass."""
    return Unavailable(
        "The record cannot be reached now.",
        code=code,
        remedy="Try again later. Whoever runs Maverick finds the request id in `instance` "
        "in the log, with the reason.",
    )


def _retry_after(error: Unavailable) -> int:
    return error.retry_after if isinstance(error, TooMany) else RETRY_SECONDS
