"""The page of the HTTP API, read from its contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from maverick_http.errors import STATUS_BY_CLASS, STATUS_BY_CODE
from maverick_http.openapi.document import document as openapi
from maverick_http.resources import RESOURCES
from tools.reference.markdown import code, document, one_line, table

_REF: Final = "#/components/schemas/"
_BOUNDS: Final = {
    "minimum": "≥",
    "maximum": "≤",
    "minLength": "length ≥",
    "maxLength": "length ≤",
}

_INTRODUCTION: Final = """
`maverick serve` answers, at `/api/docs` with this reference and at `/api/openapi.json` with the
contract itself (OpenAPI 3.1), which `maverick openapi` prints.
[Use the HTTP API](../how-to/use-the-http-api.md) shows the way in.

- Times are RFC 3339 in UTC, months `YYYY-MM`, counts are of contacts.
- A list is `{"data": […], "next_cursor": …, "has_more": …}`, at most 200 a page; `Link` leads on.
- A parameter or a field that is not known is refused.
- Values of enumerations may be added at any time.
- Every answer has an `X-Request-Id`, the request's own where it came with one.
"""
_ERRORS: Final = """
An error is a problem document (RFC 9457), `application/problem+json`.
`code` is stable and explained on [the page of codes](error-codes.md).
`detail` and `remedy` are words for people, `errors` points at fields, `instance` is the request's
id.
The class of the error decides the status, unless its code has one of its own.
"""


def page() -> str:
    """Return the page."""
    api = openapi(RESOURCES)
    operations = [
        (method.upper(), path, operation)
        for path, methods in api["paths"].items()
        for method, operation in methods.items()
    ]
    overview = table(
        ("request", "scope of the key", "what it does"),
        [(_request(m, p), code(_scope(o)), f"{o['summary']}.") for m, p, o in operations],
    )
    schemas = api["components"]["schemas"]
    return document(
        "HTTP API",
        _INTRODUCTION,
        overview,
        "## Errors",
        _ERRORS,
        table(("class of the error", "status"), [_by_class(*each) for each in _classes()]),
        table(
            ("code", "status"),
            [(_code_link(each), f"{int(s)} {s.phrase}") for each, s in STATUS_BY_CODE.items()],
        ),
        *(part for operation in operations for part in _operation(*operation)),
        "## Shapes",
        *(part for name, schema in schemas.items() for part in _shape(name, schema)),
    )


def _classes() -> Iterator[tuple[str, Any]]:
    for kind, status in STATUS_BY_CLASS.items():
        yield one_line(str(kind.__doc__).partition("\n")[0]), status


def _by_class(words: str, status: Any) -> tuple[str, str]:
    return words, f"{int(status)} {status.phrase}"


def _code_link(each: str) -> str:
    return f"[{code(each)}](error-codes.md#{each})"


def _request(method: str, path: str) -> str:
    return code(f"{method} {path}")


def _scope(operation: Mapping[str, Any]) -> str:
    return ", ".join(scope for need in operation["security"] for scope in need["key"])


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {_request(method, path)}"
    scope = _scope(operation)
    yield f"{operation['summary']}." + (
        f" {more}" if (more := operation.get("description")) else ""
    )
    yield f"Scope: {code(scope)}." if scope else "Asks for no key."
    if parameters := operation.get("parameters"):
        rows = [
            (
                code(each["name"]),
                each["in"] + (", required" if each["required"] else ""),
                _type(each["schema"]),
                each.get("description", ""),
            )
            for each in parameters
        ]
        yield table(("parameter", "where", "shape", "meaning"), rows)
    for content in operation.get("requestBody", {}).get("content", {}).values():
        yield f"Body: {_type(content['schema'])}."
    answers = [
        f"{status} {_type(content['schema'])}"
        for status, response in operation["responses"].items()
        for media, content in response["content"].items()
        if not media.startswith("application/problem")
    ]
    refused = [
        status
        for status, response in operation["responses"].items()
        if "application/problem+json" in response["content"]
    ]
    yield f"Answers: {', '.join(answers)}. Refuses with {', '.join(refused)}."


def _type(schema: Mapping[str, Any]) -> str:
    """Return a schema in a few words, with links to those that have a name."""
    if "$ref" in schema:
        name = str(schema["$ref"]).removeprefix(_REF)
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(map(_type, schema["anyOf"]))
    kind = str(schema.get("type", "any"))
    if "items" in schema:
        return f"list of {_type(schema['items'])}"
    if "enum" in schema:
        return ", ".join(code(str(each)) for each in schema["enum"])
    kind = str(schema.get("format", kind))
    bounds = [f"{sign} {schema[name]:,}" for name, sign in _BOUNDS.items() if name in schema]
    default = [f"default {code(str(d))}"] if (d := schema.get("default")) not in (None, "") else []
    return ", ".join([kind, *bounds, *default])


def _shape(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {name}"
    if words := schema.get("description"):
        yield one_line(words)
    if "enum" in schema:
        yield f"One of {_type(schema)}."
    needed = schema.get("required", ())
    rows = [
        (
            code(field),
            _type(part),
            "" if field in needed else "may be left out",
            one_line(part.get("description", "")),
        )
        for field, part in schema.get("properties", {}).items()
    ]
    if rows:
        yield table(("field", "shape", "", "meaning"), rows)
