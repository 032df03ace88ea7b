"""Writes results into ``README.md``, each between its own marks, with where they come from."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psycopg

from maverick_adapters.system import SystemClock

README = Path(__file__).with_name("README.md")
_PACKAGES = ("psycopg", "sqlalchemy", "httpx", "orjson", "msgspec", "dramatiq")


@dataclass(frozen=True, slots=True)
class Result:
    """A table and what it says about the goals."""

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    verdicts: Sequence[str]

    @property
    def text(self) -> str:
        """The table and the verdicts as Markdown; the first column is words, the rest figures."""
        rule = [":--", *["--:"] * (len(self.header) - 1)]
        lines = [f"| {' | '.join(row)} |" for row in (self.header, rule, *self.rows)]
        return "\n".join([*lines, "", *(f"- {verdict}" for verdict in self.verdicts)])


def goal(what: str, found: float, *, least: float | None = None, most: float | None = None) -> str:
    """Word one figure and whether it meets its goal."""
    if least is not None:
        met, bound = found >= least, f"at least {least:,g}"
    else:
        met, bound = found <= (most or 0), f"at most {most:,g}"
    return f"{what}: **{found:,.2f}** (goal: {bound}) {'✓' if met else '✗ missed'}"


def origin(address: str) -> str:
    """Say on what machine, with which versions, at which commit and when."""
    with psycopg.connect(address.replace("+psycopg", "")) as connection:
        postgres = connection.info.parameter_status("server_version") or "?"
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    ).stdout.strip()
    day = SystemClock().now().date()
    return (
        f"{os.cpu_count()} cores ({_processor()}), {platform.system()}, "
        f"CPython {platform.python_version()}, PostgreSQL {postgres.split()[0]}, {versions}; "
        f"commit {commit or 'unknown'}, {day}."
    )


def _processor() -> str:
    found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    return found[1] if found else platform.machine()


def write(result: Result, origin: str) -> None:
    """Put ``result`` in the place of the one before."""
    text = README.read_text()
    begin, end = f"<!-- {result.name} -->", f"<!-- /{result.name} -->"
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    README.write_text(f"{before}{begin}\n{origin}\n\n{result.text}\n{end}{after}")
