"""Reads what only the source says: the strings under enumeration members, the errors raised."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]


def member_docs(enum: type[Enum]) -> Mapping[str, str]:
    """Return the string that stands under each member, by the member's value."""
    (body,) = ast.parse(inspect.getsource(enum)).body
    if not isinstance(body, ast.ClassDef):
        raise TypeError(enum)
    docs = {}
    for statement, following in zip(body.body, [*body.body[1:], None], strict=True):
        match statement, following:
            case (
                ast.Assign(targets=[ast.Name(id=name)]),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                docs[enum[name].value] = text
    return docs


@dataclass(frozen=True, slots=True)
class Call:
    """A call with words for people in it, as it stands in the source."""

    file: str
    name: str
    """What is called; for ``super().__init__``, the base class."""
    arguments: Sequence[str]
    keywords: Mapping[str, str]


def calls(*packages: str, names: frozenset[str]) -> Iterator[Call]:
    """Yield the calls of ``names`` in ``packages`` (folders or files), in order of file and line.

    An argument that is text is shown as text, what is filled into it as ``{name}``.
    """
    for package in packages:
        path = ROOT / package
        files = [path] if path.suffix else sorted(path.rglob("*.py"))
        for file in files:
            yield from _calls_in(ast.parse(file.read_text()), str(file.relative_to(ROOT)), names)


def _calls_in(tree: ast.Module, file: str, names: frozenset[str]) -> Iterator[Call]:
    bases = _bases_of_inits(tree)
    reader = _Reader(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = bases.get(node) or (node.func.id if isinstance(node.func, ast.Name) else "")
        if name in names:
            keywords = {word.arg: reader.shown(word.value) for word in node.keywords if word.arg}
            yield Call(file, name, [reader.shown(argument) for argument in node.args], keywords)


def _bases_of_inits(tree: ast.Module) -> Mapping[ast.Call, str]:
    """Map each ``super().__init__(…)`` to the base class of the class it stands in."""
    return {
        node: base.id
        for definition in ast.walk(tree)
        if isinstance(definition, ast.ClassDef)
        for base in definition.bases[:1]
        if isinstance(base, ast.Name)
        for node in ast.walk(definition)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "__init__"
    }


class _Reader:
    """Reads expressions as they would look in a message, with what its module calls by name."""

    def __init__(self, tree: ast.Module) -> None:
        self._constants = dict(_constants(tree))

    def shown(self, expression: ast.expr) -> str:  # noqa: PLR0911 - one for each kind
        match expression:
            case ast.Constant(value=str(text)):
                return text
            case ast.Constant(value=int(number)):
                return f"{number:,}"
            case ast.Name(id=name) if name in self._constants:
                return self.shown(self._constants[name])
            case ast.JoinedStr(values=values):
                return "".join(map(self.shown, values))
            case ast.FormattedValue(value=value):
                return self.shown(value)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self.shown(left) + self.shown(right)
            case ast.IfExp(body=body):
                return self.shown(body)
        return f"{{{_last_word(expression)}}}"


def _constants(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Yield the text and numbers that a module gives a name to."""
    for statement in tree.body:
        match statement:
            case (
                ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant() as value)
                | ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant() as value)
            ):
                yield name, value


def _last_word(value: ast.expr) -> str:
    """Return what a filled-in value is called: ``identity.bison_workspace_name`` by its end."""
    match value:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.strip("_").replace("_", " ").lower()
        case ast.Call(args=[first, *_]):
            return _last_word(first)
        case ast.Subscript(slice=part):
            return _last_word(part)
        case ast.BoolOp(values=[first, *_]):
            return _last_word(first)
    return "…"
