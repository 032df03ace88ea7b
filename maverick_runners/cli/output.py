"""What commands print: data on stdout as a table or as JSON, everything else on stderr."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum, StrEnum
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from maverick_core.kernel.errors import MaverickError
from maverick_core.kernel.time import Month

EXIT_INTERRUPTED: Final = 130

stdout = Console(soft_wrap=False)
stderr = Console(stderr=True)


class Form(StrEnum):
    """How data is printed."""

    TABLE = "table"
    JSON = "json"


Output = Annotated[
    Form, typer.Option("--output", "-o", help="How to print the result.", show_default=True)
]


def plain(value: Any) -> Any:
    """Return ``value`` as what JSON can hold: whatever names its parts becomes an object.

    A dataclass does with its properties.
    """
    if isinstance(value, Month | datetime):
        return str(value) if isinstance(value, Month) else value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        names = [field.name for field in fields(value)]
        names += [name for name, part in vars(type(value)).items() if isinstance(part, property)]
        parts = {name: getattr(value, name) for name in names}
        # A zone is its name's, which stands beside it.
        return {n: plain(part) for n, part in parts.items() if not isinstance(part, ZoneInfo)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(part) for part in value]
    return value


def print_json(value: Any) -> None:
    """Print one JSON document."""
    sys.stdout.write(json.dumps(plain(value), indent=2) + "\n")


def print_rows(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table; numbers are set to the right."""
    stdout.print(escape(title), style="italic", highlight=False)
    table = Table(
        header_style="bold",
        box=SIMPLE_HEAD,
        collapse_padding=True,
        pad_edge=False,
        show_edge=False,
    )
    for index, column in enumerate(columns):
        numeric = bool(rows) and all(isinstance(row[index], int) for row in rows)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(cell) for cell in row))
    stdout.print(table)
    stdout.print()


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return escape(str(value))


def say(text: str) -> None:
    """Say something to the person at the terminal; never data."""
    stderr.print(escape(text), highlight=False, soft_wrap=True)


@contextmanager
def resumable() -> Iterator[None]:
    """End an interrupted command with a word on how to go on, and with exit code 130.

    A polite request to end (SIGTERM) does what Ctrl-C does: record, hand back, go.
    """
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        say("Interrupted. What was under way is on record; the same command goes on from there.")
        raise typer.Exit(EXIT_INTERRUPTED) from None
    finally:
        signal.signal(signal.SIGTERM, before)


def complain(error: MaverickError, *, output: Form = Form.TABLE) -> None:
    """Say what went wrong and what to do about it, on stderr; as JSON where data is asked as it."""
    if output is Form.JSON:
        told = {"code": error.code, "detail": str(error), "remedy": error.remedy}
        sys.stderr.write(json.dumps({"error": told}) + "\n")
        return
    stderr.print(
        f"[red]✕[/red] {escape(str(error))} [dim]({error.code})[/dim]",
        highlight=False,
        soft_wrap=True,
    )
    if error.remedy:
        stderr.print(f"  {escape(error.remedy)}", highlight=False, soft_wrap=True)
