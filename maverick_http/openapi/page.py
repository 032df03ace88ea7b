"""The reference that people read in a browser: one page of plain HTML, from the document alone."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from html import escape
from typing import Any, Final

STYLE: Final = """
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem;
  color-scheme: light dark; }
code, pre { font-family: ui-monospace, monospace; font-size: .9rem; }
pre { overflow-x: auto; padding: .75rem; border: 1px solid; border-radius: .25rem; }
section { border-top: 1px solid; margin-top: 1.5rem; }
table { border-collapse: collapse; }
th, td { text-align: left; padding: .15rem 1rem .15rem 0; vertical-align: top; }
"""
CONTENT_SECURITY: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    f"style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'"
)
"""Allows the page's own style, by what it says, and nothing else."""


def html(document: Mapping[str, Any]) -> str:
    """Return the page of an OpenAPI document."""
    info = document["info"]
    operations = [
        part
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        for part in _operation(method.upper(), path, operation)
    ]
    schemas = [
        part
        for name, schema in document["components"]["schemas"].items()
        for part in _schema(name, schema)
    ]
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{escape(info['title'])} API {escape(info['version'])}</title>",
            f"<style>{STYLE}</style></head><body>",
            f"<h1>{escape(info['title'])} API {escape(info['version'])}</h1>",
            f"<p>{escape(info['description'])}</p>",
            '<p><a href="/api/openapi.json">openapi.json</a></p>',
            *operations,
            "<h2>Schemas</h2>",
            *schemas,
            "</body></html>\n",
        ]
    )


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f'<section id="{escape(operation["operationId"])}">'
    yield f"<h2><code>{method} {escape(path)}</code></h2><p>{escape(operation['summary'])}.</p>"
    if more := operation.get("description"):
        yield f"<p>{escape(more)}</p>"
    scopes = [scope for need in operation["security"] for scope in need["key"]]
    yield f"<p>Key: <code>{escape(', '.join(scopes) or 'none')}</code></p>"
    if parameters := operation.get("parameters"):
        yield "<table><tr><th>parameter</th><th>in</th><th>shape</th><th>meaning</th></tr>"
        yield from map(_parameter, parameters)
        yield "</table>"
    for content in operation.get("requestBody", {}).get("content", {}).values():
        yield f"<p>Body: {_reference(content['schema'])}</p>"
    for status, response in operation["responses"].items():
        for content in response["content"].values():
            yield f"<p>{status} {escape(response['description'])}: "
            yield f"{_reference(content['schema'])}</p>"
    yield "</section>"


def _parameter(parameter: Mapping[str, Any]) -> str:
    name = f"<code>{escape(parameter['name'])}</code>{' *' if parameter['required'] else ''}"
    shape = _reference(parameter["schema"])
    meaning = escape(parameter.get("description", ""))
    return f"<tr><td>{name}</td><td>{parameter['in']}</td><td>{shape}</td><td>{meaning}</td></tr>"


def _reference(schema: Mapping[str, Any]) -> str:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    if name:
        return f'<a href="#{escape(name)}">{escape(name)}</a>'
    return f"<code>{escape(json.dumps(schema, ensure_ascii=False))}</code>"


def _schema(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield f'<h3 id="{escape(name)}">{escape(name)}</h3>'
    yield f"<pre>{escape(json.dumps(schema, indent=2, ensure_ascii=False))}</pre>"
