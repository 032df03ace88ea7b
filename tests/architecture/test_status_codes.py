"""Status codes of HTTP for refusals stand in one place, so that one code means one status."""

import ast
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest

from tests.architecture.tree import parsed, python_files

PLACE = "maverick_http/errors.py"
REFUSALS = {status.name for status in HTTPStatus if status >= 400}


def refusals(tree: ast.AST) -> Iterator[str]:
    """Yield what names a status of 400 and up: by its name, or by Falcon's."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name) if name in REFUSALS:
                yield name
            case ast.Attribute(value=ast.Name(id="falcon"), attr=name) if refuses(name):
                yield name


def refuses(name: str) -> bool:
    return name.startswith(("HTTP_4", "HTTP_5")) or (
        name.startswith("HTTP") and name[4:].isalpha() and name != "HTTPError"
    )


def test_only_the_errors_know_status_codes() -> None:
    found = [
        f"{path}: {name}"
        for path in python_files("maverick_http")
        if path != Path(PLACE)
        for name in refusals(parsed(path))
    ]

    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "planted",
    ["x = HTTPStatus.CONFLICT", "raise falcon.HTTPNotFound", "x = falcon.HTTP_404"],
)
def test_a_status_in_another_place_is_seen(planted: str) -> None:
    """The check can fail: these are what it is for."""
    assert list(refusals(ast.parse(planted)))


@pytest.mark.parametrize("fine", ["x = HTTPStatus.CREATED", "def f(e: falcon.HTTPError): ..."])
def test_a_success_is_said_where_it_is_declared(fine: str) -> None:
    assert not list(refusals(ast.parse(fine)))
