"""The page of the error codes: what a command says no with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from maverick_core.kernel import errors
from maverick_http import errors as http_errors
from tools.reference.markdown import code, document, one_line, table
from tools.reference.source import Call, calls

_CLASSES: Final[Mapping[str, tuple[str, int]]] = {
    "Rejected": ("rejected", 2),
    "Missing": ("missing", 1),
    "Conflict": ("conflict", 1),
    "Unavailable": ("unavailable", 4),
    "Unauthorised": ("unauthorised", 1),
    "Defect": ("defect", 1),
}
_DATABASE_ERRORS: Final = "maverick_adapters/sql/errors.py"
_ALIASES: Final = {
    "BadEmail": "Rejected",
    "Flawed": "Rejected",
    "Forbidden": "Unauthorised",
    "TooMany": "Unavailable",
    "Unauthenticated": "Unauthorised",
}

_PACKAGES: Final = (
    "maverick_core",
    "maverick_adapters/settings.py",
    "maverick_adapters/vault.py",
    "maverick_adapters/bison",
    "maverick_adapters/csv_files",
    "maverick_adapters/queueing",
    "maverick_adapters/sql",
    "maverick_runners",
    "maverick_http",
)

_FILLED_IN: Final[Mapping[str, Sequence[str]]] = {
    "{wanted}_column_missing": ("email_column_missing", "first_name_column_missing"),
    "{code}": ("token_refused",),
}
"""Codes that are put together at run time, by how they are written."""

_INTRODUCTION: Final = """
A command that cannot do what it was asked says what happened, then what to do about it.
The class of the error says whose move it is, and decides the exit code.
Codes are stable: the words to them may change.
What a message fills in is shown as {name}.
"""


def page() -> str:
    """Return the page."""
    classes = [
        (code(label), one_line(_meaning(name)), str(exit_code))
        for name, (label, exit_code) in _CLASSES.items()
    ]
    found = raised()
    sections = [section for each in sorted(found) for section in _section(each, found[each])]
    return document(
        "Error codes",
        _INTRODUCTION,
        table(("class", "what it means", "exit code"), classes),
        *sections,
    )


def _meaning(name: str) -> str:
    """Return what a class of errors says of itself, the kernel's or that of the facade."""
    return str((getattr(errors, name, None) or getattr(http_errors, name)).__doc__)


def raised() -> Mapping[str, list[Call]]:
    """Return where each code is raised from."""
    found: dict[str, list[Call]] = defaultdict(list)
    for call in [*calls(*_PACKAGES, names=frozenset({*_CLASSES, *_ALIASES})), *_of_databases()]:
        written = call.keywords.get("code")
        if written and call.file != _DATABASE_ERRORS:
            for each in _FILLED_IN.get(written, (written,)):
                found[each].append(call)
    return found


def _of_databases() -> Iterator[Call]:
    """Yield what the table of the databases' errors turns them into."""
    for call in calls(_DATABASE_ERRORS, names=frozenset({"_Meaning"})):
        each, says, remedy = call.arguments
        words = {"code": each, "remedy": remedy}
        yield Call("", "Unavailable", [f"The database {{address}} {says}."], words)


def _section(each: str, found: list[Call]) -> Iterator[str]:
    labels = dict.fromkeys(_CLASSES[_ALIASES.get(call.name, call.name)][0] for call in found)
    yield f"## {code(each)}"
    yield f"Class: {', '.join(map(code, labels))}."
    for message, remedy in dict.fromkeys(map(_words, found)):
        yield f"> {message}" + (f"\n>\n> {remedy}" if remedy else "")


def remedies_of(found: Iterable[Call]) -> set[str]:
    """Return what is to be done about an error, in the words of each place that raises it."""
    return {remedy for _, remedy in map(_words, found)}


def _words(call: Call) -> tuple[str, str]:
    message = call.arguments[0] if call.arguments else ""
    return one_line(message), one_line(call.keywords.get("remedy", ""))
