"""What every request passes on its way to a handler, in the order in which it is refused.

Who asks, how often, and whether they may; then what is asked, and whether it was asked before; then
the handler, its answer, and what is kept of both. All of it follows from the route's declaration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import falcon
from pydantic import TypeAdapter

from maverick_core.access.ports import Answer
from maverick_core.access.rules import Caller
from maverick_core.access.service import AuditChange
from maverick_core.kernel.errors import MaverickError
from maverick_http.auth import Door, authorise
from maverick_http.bodies import check_content, check_size, parse_body, read_body
from maverick_http.errors import UNWELL
from maverick_http.middleware.context import Notes, notes_of
from maverick_http.owners import Owners
from maverick_http.queries import read_query
from maverick_http.replays import Once
from maverick_http.routes import Call, Reply, Route, actor_of
from maverick_http.schemas.base import Body, NoQuery, Page, Query
from maverick_http.versions import etag_of, if_match

_WORKSPACE: Final = "slug"
"""The field of a path that names a workspace, wherever there is one."""

Responder = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Gate:
    """What all routes share."""

    door: Door
    once: Once
    audit: AuditChange
    owners: Owners
    body_limit: int
    content_limit: int

    def responder(self, route: Route, handler: Callable[..., Reply]) -> Responder:
        """Return what Falcon calls for ``route``."""
        shape: TypeAdapter[Any] | None = TypeAdapter(route.answers) if route.answers else None

        def respond(request: falcon.Request, response: falcon.Response, **fields: str) -> None:
            notes = notes_of(request)
            caller = self._admit(request, response, route, notes)
            slug = self._authorise(route, caller, fields, notes)
            raw = read_body(request) if route.takes_body or route.content else b""
            begun = self.once.begin(request, caller, raw) if route.once else None
            if begun and begun.answer:
                _give(response, begun.answer, replayed=True)
                return
            with begun or nullcontext():
                call = self._call(request, route, caller, raw, notes)
                with self._on_record(route, call, fields, slug):
                    reply = handler(call, **fields)
                if isinstance(reply.value, Iterator):
                    _stream(response, route, reply)
                    return
                answer = _answer(request, route, reply, shape)
                if begun:
                    begun.keep(answer)
            if begun and begun.answer:
                _give(response, begun.answer, replayed=begun.replayed)
            else:
                _give(response, answer)

        return respond

    def _admit(
        self, request: falcon.Request, response: falcon.Response, route: Route, notes: Notes
    ) -> Caller:
        check_size(request, self.content_limit if route.content else self.body_limit)
        caller = self.door.admit(request, route)
        if caller.name:
            notes.key = caller.name
            response.set_headers(dict(self.door.limits.check_pace(caller.key_id)))
        return caller

    def _authorise(
        self, route: Route, caller: Caller, fields: Mapping[str, str], notes: Notes
    ) -> str | None:
        """Refuse what the key is not for; an attempt at a change is put on record all the same.

        Return the workspace that the address is about.
        """
        slug = fields.get(_WORKSPACE)
        try:
            authorise(caller, route, slug)
            return slug or self.owners.owner(caller, fields)
        except MaverickError:
            with self._audited(route, caller, "/".join(fields.values()), slug, notes.request_id):
                raise

    def _call(
        self, request: falcon.Request, route: Route, caller: Caller, raw: bytes, notes: Notes
    ) -> Call[Any]:
        given: Query | Body = read_query(
            request.query_string, route.takes if issubclass(route.takes, Query) else NoQuery
        )
        if issubclass(route.takes, Body):
            given = parse_body(raw, request.content_type, route.takes)
        if route.content:
            check_content(request.content_type, route.content)
        based_on = if_match(request.get_header("If-Match")) if route.conditional else None
        content = raw if route.content else b""
        return Call(caller, given, notes.request_id, based_on, content)

    def _on_record(
        self, route: Route, call: Call[Any], fields: Mapping[str, str], slug: str | None
    ) -> AbstractContextManager[None]:
        if route.audited is None:
            return nullcontext()
        said = {**{name: _said(call.given, name) for name in _fields(call.given)}, **fields}
        subject = route.subject.format_map(said)
        slug = slug or said.get(_WORKSPACE)
        return self._audited(route, call.caller, subject, slug, call.request_id)

    def _audited(
        self, route: Route, caller: Caller, subject: str, slug: str | None, request_id: str
    ) -> AbstractContextManager[None]:
        if route.audited is None:
            return nullcontext()
        return self.audit(
            route.audited,
            subject,
            actor=actor_of(caller),
            slug=slug,
            request_id=request_id,
        )


def _fields(given: Query | Body) -> tuple[str, ...]:
    return tuple(type(given).model_fields)


def _said(given: Query | Body, name: str) -> Any:
    """Return what a request says in a field, several in one line."""
    value = getattr(given, name)
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else value


def _answer(
    request: falcon.Request, route: Route, reply: Reply, shape: TypeAdapter[Any] | None
) -> Answer:
    headers = {"Content-Type": route.media, **reply.headers}
    if reply.version is not None:
        headers["ETag"] = etag_of(reply.version)
    if reply.location:
        headers["Location"] = reply.location
    if isinstance(reply.value, Page) and reply.value.next_cursor:
        headers["Link"] = f'<{_next(request, reply.value.next_cursor)}>; rel="next"'
    body = shape.dump_json(reply.value) if shape else bytes(reply.value)
    return Answer(UNWELL if reply.unwell else route.status, headers, body)


def _stream(response: falcon.Response, route: Route, reply: Reply) -> None:
    """Answer with what is made as it is sent, and so with no length and nothing to replay."""
    response.status = route.status
    response.content_type = f"{route.media}; charset=utf-8"
    response.set_headers(dict(reply.headers))
    response.stream = reply.value


def _next(request: falcon.Request, cursor: str) -> str:
    asked = parse_qsl(request.query_string, keep_blank_values=True)
    kept = [(name, value) for name, value in asked if name != "cursor"]
    return f"{request.path}?{urlencode([*kept, ('cursor', cursor)])}"


def _give(response: falcon.Response, answer: Answer, *, replayed: bool = False) -> None:
    response.status = answer.status
    response.data = answer.body
    response.set_headers(dict(answer.headers))
    if replayed:
        response.set_header("Idempotency-Replayed", "true")
