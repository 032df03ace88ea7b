"""What a route declares, above its handler, where it can be read at one glance.

The declaration is data. What a request has to pass on its way to the handler (``gate``), the
OpenAPI document and the tests that go over every route are all made from it.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, Generic, TypeVar

from maverick_core.access.rules import Action, Caller, Role, Scope
from maverick_http.schemas.base import Body, NoQuery, Query

API: Final = "/api/v1"
JSON: Final = "application/json"
ANYONE: Final = Caller(0, "", Role.CLIENT, frozenset(), "")
"""Who calls a route that asks for no key; no workspace exists for them."""
THE_AGENCY: Final = "the agency"

_DECLARATION: Final = "maverick_route"
_FIELD: Final = re.compile(r"\{(\w+)\}")

Given = TypeVar("Given", bound=Query | Body)
Seen = TypeVar("Seen")
Handler = TypeVar("Handler", bound=Callable[..., "Reply"])


def actor_of(caller: Caller) -> str:
    """Return what the record calls a caller."""
    return f"key:{caller.name}"


def decided_by(who: str, caller: Caller) -> str:
    """Return what a caller is told of who decided; the agency's people are no client's business."""
    return THE_AGENCY if caller.role is Role.CLIENT else who


@dataclass(frozen=True, slots=True)
class Call(Generic[Given]):
    """A request that passed the gate. ``given`` is its query, or its body, as declared.

    ``if_match`` are the versions that a change may be based on, None for any.
    """

    caller: Caller
    given: Given
    request_id: str = ""
    if_match: frozenset[str] | None = None
    content: bytes = field(default=b"", repr=False)
    """The bytes that were sent, where the route takes some."""

    @property
    def actor(self) -> str:
        """Return what the record calls the caller, as the one who did it."""
        return actor_of(self.caller)

    def seen(self, before: Seen) -> Seen | None:
        """Return what the record has to compare a change with, None for any.

        Somebody may be as quick as this request: the record has the last word.
        """
        return None if self.if_match is None else before


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler answers.

    ``value`` is of the type that the route declares, or bytes where it declares another media type
    than JSON; an iterator of bytes is sent as it yields. ``version`` is what makes the ETag: the
    part of the thing that a change would change.
    """

    value: Any = None
    version: object = None
    location: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    unwell: bool = False
    """Whether it tells a prober that the process is of no use now."""


@dataclass(frozen=True, slots=True)
class Route:
    """A method on a path, and all that is known of it without calling it."""

    method: str
    path: str
    scope: Scope | None
    """What the key has to allow; None asks for no key."""
    takes: type[Query | Body]
    """A ``Query`` is read from the query string, a ``Body`` from the body."""
    answers: Any
    """The type of ``Reply.value``; None for bytes of ``media``."""
    status: HTTPStatus
    media: str
    everywhere: bool
    """Whether the key has to reach every workspace: the answer, or the change, concerns all."""
    once: bool
    """Whether an ``Idempotency-Key`` is asked for: what comes twice is done once."""
    conditional: bool
    """Whether an ``If-Match`` is asked for: a change is based on what was read."""
    audited: Action | None
    subject: str
    """What the audit log calls the thing, made of the path's and the body's fields."""
    loopback: bool
    """Whether callers on this machine need no key."""
    content: str
    """The media type of the bytes that it takes beside its query; empty where it takes none."""
    handler: str
    """The name of the method that answers."""
    words: str
    """The handler's docstring: what people read in the reference."""

    @property
    def summary(self) -> str:
        """Return the first line, for lists."""
        return self.words.partition("\n")[0].rstrip(".")

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the names that the path is filled in with."""
        return tuple(_FIELD.findall(self.path))

    @property
    def takes_body(self) -> bool:
        """Say whether a body is read."""
        return issubclass(self.takes, Body)


def route(
    method: str,
    path: str,
    *,
    scope: Scope | None,
    answers: Any,
    base: str = API,
    takes: type[Query | Body] = NoQuery,
    status: HTTPStatus = HTTPStatus.OK,
    media: str = JSON,
    everywhere: bool = False,
    once: bool = False,
    conditional: bool = False,
    audited: Action | None = None,
    subject: str = "{slug}",
    loopback: bool = False,
    content: str = "",
) -> Callable[[Handler], Handler]:
    """Declare the handler below as the answer to ``method`` on ``path``."""

    def declare(handler: Handler) -> Handler:
        declaration = Route(
            method=method,
            path=base + path,
            scope=scope,
            takes=takes,
            answers=answers,
            status=status,
            media=media,
            everywhere=everywhere,
            once=once,
            conditional=conditional,
            audited=audited,
            subject=subject,
            loopback=loopback,
            content=content,
            handler=handler.__name__,
            words=inspect.getdoc(handler) or "",
        )
        setattr(handler, _DECLARATION, declaration)
        return handler

    return declare


def routes_of(resource: type) -> Iterator[Route]:
    """Yield what the handlers of a resource declare, in the order in which they stand."""
    for member in vars(resource).values():
        declaration = getattr(member, _DECLARATION, None)
        if declaration is not None:
            yield declaration
