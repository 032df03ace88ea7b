"""Writes the OpenAPI document. What is not declared by a route does not stand in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter

from maverick_http.errors import PROBLEM
from maverick_http.openapi.refusals import refusals
from maverick_http.replays import HEADER as IDEMPOTENCY_KEY
from maverick_http.routes import JSON, Route, routes_of
from maverick_http.schemas.base import Page
from maverick_http.schemas.problem import Problem

VERSION: Final = "1.0.0"
"""Raised with every release of the API; its first number, when clients would break."""

_REF: Final = "#/components/schemas/{model}"
_TEXT: Final = {"type": "string"}
_BYTES: Final = {JSON: {"type": "object"}}
"""What bytes are that a route answers, by their media type; text, where it is not here."""

FIELDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "import_id": {
        "description": "An import's number.",
        "schema": {"type": "integer", "minimum": 1},
    },
    "slug": {
        "description": "A workspace's short name.",
        "schema": {"type": "string", "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"},
    },
    "source": {
        "description": "A source's name.",
        "schema": {"type": "string", "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"},
    },
    "batch": {
        "description": "A batch, as B-000042.",
        "schema": {"type": "string", "pattern": "^[Bb]-?[0-9]{1,18}$"},
    },
    "operation": {
        "description": "An operation, as op_000042.",
        "schema": {"type": "string", "pattern": "^op_[0-9]{1,18}$"},
    },
    "month": {
        "description": "A month, as YYYY-MM.",
        "schema": {"type": "string", "pattern": "^2[01][0-9]{2}-(0[1-9]|1[0-2])$"},
    },
}
"""What may stand in a path, by the name of the field."""

_INTRODUCTION: Final = """\
Every request carries a key as `Authorization: Bearer mav_live_…`; what a key may do is its scopes,
and a key that is bound to a workspace sees no other. Errors are problem documents (RFC 9457) whose
`type` is the page of their code. Lists come in pages: `next_cursor` and the header `Link` lead on.
Values of enumerations may be added at any time: let unknown ones pass."""


def as_text(document: Mapping[str, Any]) -> str:
    """Return a document as it is kept in the tree."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def document(kinds: Iterable[type]) -> dict[str, Any]:
    """Return the document of these resources."""
    declared = {_tag(kind): [*routes_of(kind)] for kind in kinds}
    shapes = _Shapes([route for routes in declared.values() for route in routes])
    paths: dict[str, dict[str, Any]] = {}
    for tag, routes in declared.items():
        for route in routes:
            paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, tag, shapes)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Maverick", "version": VERSION, "description": _INTRODUCTION},
        "tags": [{"name": tag} for tag in declared],
        "paths": paths,
        "components": {
            "schemas": shapes.components,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _tag(kind: type) -> str:
    return kind.__name__.removesuffix("Resource").lower()


class _Shapes:
    """The schemas of everything that goes over the wire, each named once."""

    def __init__(self, routes: list[Route]) -> None:
        wanted: dict[tuple[Any, str], TypeAdapter[Any]] = {(Problem, "out"): TypeAdapter(Problem)}
        for route in routes:
            wanted[route.takes, "in"] = TypeAdapter(route.takes)
            if route.answers:
                wanted[route.answers, "out"] = TypeAdapter(route.answers)
        found, rest = TypeAdapter.json_schemas(
            [
                (key, "validation" if key[1] == "in" else "serialization", adapter)
                for key, adapter in wanted.items()
            ],
            ref_template=_REF,
        )
        self._found = {key: schema for (key, _), schema in found.items()}
        self._all: dict[str, Any] = rest.get("$defs", {})
        queries = {self._name(route.takes) for route in routes if not route.takes_body}
        self.components = {
            name: schema for name, schema in sorted(self._all.items()) if name not in queries
        }

    def given(self, route: Route) -> Any:
        """Return the schema of what a route takes."""
        return self._found[route.takes, "in"]

    def answered(self, kind: Any) -> Any:
        """Return the schema of an answer."""
        return self._found[kind, "out"]

    def query(self, route: Route) -> Iterator[dict[str, Any]]:
        """Yield the parameters that a route's query knows."""
        schema = self._all.get(self._name(route.takes), self._found[route.takes, "in"])
        for name, part in schema.get("properties", {}).items():
            shape = _never_null(part)
            said = {"description": text} if (text := shape.pop("description", "")) else {}
            yield {"name": name, "in": "query", "required": False, **said, "schema": shape}

    def _name(self, kind: type[BaseModel]) -> str:
        return str(self._found[kind, "in"].get("$ref", "")).rpartition("/")[2]


def _never_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter, which is left out where a body would say null."""
    kept = {key: value for key, value in schema.items() if key not in {"anyOf", "title"}}
    if kept.get("default", "") is None:
        del kept["default"]
    for variant in schema.get("anyOf", ()):
        if variant.get("type") != "null":
            kept.update(variant)
    return kept


def _operation(route: Route, tag: str, shapes: _Shapes) -> dict[str, Any]:
    summary, _, more = route.words.partition("\n")
    described: dict[str, Any] = {
        "tags": [tag],
        "operationId": f"{tag}_{route.handler}",
        "summary": summary.rstrip("."),
    }
    if more.strip():
        described["description"] = " ".join(more.split())
    described["security"] = [{"key": [route.scope]}] if route.scope else []
    if parameters := [*_parameters(route, shapes)]:
        described["parameters"] = parameters
    if route.takes_body and route.takes.model_fields:
        content = {JSON: {"schema": shapes.given(route)}}
        described["requestBody"] = {"required": True, "content": content}
    if route.content:
        bytes_ = {"type": "string", "format": "binary"}
        described["requestBody"] = {
            "required": True,
            "content": {route.content: {"schema": bytes_}},
        }
    described["responses"] = _responses(route, shapes)
    return described


def _parameters(route: Route, shapes: _Shapes) -> Iterator[dict[str, Any]]:
    for name in route.fields:
        yield {"name": name, "in": "path", "required": True, **FIELDS[name]}
    if not route.takes_body:
        yield from shapes.query(route)
    if route.once:
        words = "A fresh one for each request; the same one when it is repeated."
        yield _header(IDEMPOTENCY_KEY, words, {**_TEXT, "minLength": 1, "maxLength": 200})
    if route.conditional:
        yield _header("If-Match", 'The ETag of what was read, or "*".', _TEXT)


def _header(name: str, words: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": True,
        "description": words,
        "schema": dict(schema),
    }


def _responses(route: Route, shapes: _Shapes) -> dict[str, Any]:
    schema = shapes.answered(route.answers) if route.answers else _BYTES.get(route.media, _TEXT)
    answer: dict[str, Any] = {
        "description": str(route.status.phrase),
        "content": {route.media: {"schema": schema}},
    }
    if isinstance(route.answers, type) and issubclass(route.answers, Page):
        answer["headers"] = {"Link": {"description": "Where the next page is.", "schema": _TEXT}}
    responses = {str(int(route.status)): answer}
    trouble = {"schema": shapes.answered(Problem)}
    for status in refusals(route):
        responses[str(int(status))] = {
            "description": str(status.phrase),
            "content": {PROBLEM: trouble},
        }
    return responses
