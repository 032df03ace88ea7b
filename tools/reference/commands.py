"""The page of the command line, read from the application itself."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from enum import Enum
from typing import Any, Final

import typer

from maverick_runners.cli import app
from tools.reference.markdown import code, document, one_line, table

_INTRODUCTION = """
Data goes to stdout; progress, hints and complaints go to stderr.
`--output json` prints one JSON document instead of a table, for every command that prints data.
A batch may be named `B-000042`, `b-42` or `42`.
"""

_EXIT_CODES = (
    ("0", "Done."),
    (
        "1",
        "Failed. What failed, why and what to do stand on stderr; `doctor` uses it for warnings.",
    ),
    ("2", "Wrong usage or input: correct it and run the command again."),
    ("3", "Partly done: some batches ended well and others failed or wait."),
    ("4", "Not ready: something Maverick depends on is missing, down or behind."),
    ("130", "Interrupted. What was under way is on record; the same command goes on from there."),
)


def page() -> str:
    """Return the page."""
    sections = [section for command in walk(root_command()) for section in _sections(*command)]
    return document(
        "Command line",
        _INTRODUCTION,
        "## Exit codes",
        table(("code", "meaning"), _EXIT_CODES),
        *sections,
    )


def root_command() -> Any:
    """Return ``maverick`` itself, with what its parser knows."""
    return typer.main.get_command(app)


def walk(command: Any, path: tuple[str, ...] = ("maverick",)) -> Iterator[tuple[str, Any]]:
    """Yield every command that does something, with its full name, in the order of ``--help``."""
    children = getattr(command, "commands", None)
    if not children:
        yield " ".join(path), command
        return
    if command.invoke_without_command and len(path) > 1:
        yield " ".join(path), command
    for name, child in children.items():
        yield from walk(child, (*path, name))


# Programs of their own, with parsers of their own; their help is as wide as the terminal says.
_PROGRAMS: Final = {
    "maverick bison-stub": "contracts.bison.stub",
    "maverick example-sites": "contracts.sites",
}


def _sections(name: str, command: Any) -> Iterator[str]:
    yield f"## {name}"
    yield from map(one_line, (command.help or "").split("\n\n"))
    if module := _PROGRAMS.get(name):
        yield f"```text\n{_help_of(module, name)}```"
        return
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option"]
    usage = " ".join([name, *(["[OPTIONS]"] if options else []), *map(_placeholder, arguments)])
    yield f"```text\n{usage}\n```"
    rows = [(code(_placeholder(p)), "", one_line(p.help or "")) for p in arguments]
    rows += [(_names(p), _default(p), one_line(p.help or "")) for p in options]
    if rows:
        yield table(("argument or option", "default", "meaning"), rows)


def _names(option: Any) -> str:
    """Return the option's spellings, what it takes behind the long one."""
    long = f"{option.opts[0]} {_takes(option)}".strip()
    return ", ".join(map(code, [long, *option.opts[1:], *option.secondary_opts]))


def _takes(option: Any) -> str:
    if option.is_flag:
        return ""
    kind = option.type_descriptor.annotation
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "|".join(str(each.value) for each in kind)
    return str(option.metavar or option.opts[0].removeprefix("--").upper())


def _placeholder(argument: Any) -> str:
    name = argument.metavar or argument.name.upper()
    return name if argument.required or name.startswith("[") else f"[{name}]"


def _default(option: Any) -> str:
    if option.required:
        return "required"
    if option.default is None or option.default is False or option.default == "":
        return ""
    return code(str(getattr(option.default, "value", option.default)))


def _help_of(module: str, name: str) -> str:
    environment = {**os.environ, "COLUMNS": "100"}
    command = [sys.executable, "-m", module, "--help"]
    shown = subprocess.run(  # noqa: S603 - our own program, nothing of it from outside
        command, env=environment, capture_output=True, text=True, check=True
    ).stdout
    return shown.replace(f"python -m {module}", name)
