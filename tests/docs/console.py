"""Runs what a page tells its reader to type, and reads what the page says will be seen."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.docs.maverick import maverick
from tests.docs.pages import Block

_PORTS: Final = ("8025", "8030", "8035")  # those that the pages name; a run takes free ones instead
_WAIT_SECONDS: Final = 60

# What differs between two runs that are both right: days, addresses, keys, the machine's size.
_VARYING: Final = (
    (re.compile(r"\b\w+: (?:On pace|At risk|Will miss|Too early|Short of).*"), "FORECAST"),
    (re.compile(r"\d{4}-\d\d(?:-\d\d(?:[ T]\d\d:\d\d\S*(?: UTC)?)?)?"), "DATE"),
    (re.compile(r"127\.0\.0\.1:\d+"), "ADDRESS"),
    (re.compile(r"\S+:\d+:Thread-\d+"), "WORKER"),
    (re.compile(r"\bmav_live_\S+|(?<!\S)[\w-]{4}…"), "KEY"),
    (re.compile(r"[\d.]+ GB"), "SIZE"),
    (re.compile(r"\b0\d{3}\b"), "REVISION"),
    (re.compile(r"Python [\d.]+"), "PYTHON"),
    (re.compile(r"[│┃|─━┏┓┗┛┡┩╇┳┻┬┴┼├┤└┘┌┐╭╮╰╯\ufeff]"), " "),
)


@dataclass(frozen=True, slots=True)
class Command:
    """A command, and the lines that the page shows under it."""

    text: str
    shown: str


def commands(block: Block | str) -> Iterator[Command]:
    """Yield the commands of a block: ``$ `` begins one, ``> `` continues it, the rest is seen."""
    typed: list[str] = []
    shown: list[str] = []
    text = block if isinstance(block, str) else block.text
    for line in text.splitlines():
        if line.startswith("$ "):
            if typed:
                yield Command("\n".join(typed), "\n".join(shown))
            typed, shown = [line[2:]], []
        elif line.startswith("> ") and typed and not shown:
            typed.append(line[2:])
        elif line != "^C":
            shown.append(line)
    if typed:
        yield Command("\n".join(typed), "\n".join(shown))


class Terminal:
    """A reader at work in an empty folder, with a second terminal for what stays open."""

    def __init__(self, folder: Path, replaced: Mapping[str, str] | None = None) -> None:
        """Work in ``folder``; ``replaced`` are addresses of the page to those that are there."""
        self._folder = folder
        self._replaced = {port: _free_port() for port in _PORTS} | dict(replaced or {})
        if "" in self._replaced.values():
            raise ValueError("what stands for an address of the page is empty")
        self._environment = _environment()
        self._open: subprocess.Popen[str] | None = None

    def run(self, command: Command) -> str:
        """Run a command to its end and return everything that is seen of it."""
        text = self._here(command.text)
        before, _, call = text.rpartition(" | ") if " | maverick " in text else ("", "", text)
        if call.startswith("maverick "):
            given = self._bash(before)
            words = self._bash(f"printf '%s\\0' {call}").split("\0")[1:-1]
            seen = maverick(words, given, self._folder, self._environment)
        else:
            seen = self._bash(text)
        for there, here in self._replaced.items():
            seen = seen.replace(here, there)
        return seen

    def _bash(self, text: str) -> str:
        return subprocess.run(
            ["bash", "-c", text],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_WAIT_SECONDS,
            check=False,
        ).stdout

    def save(self, block: Block) -> None:
        """Save the file that a block shows."""
        if block.file:
            (self._folder / block.file).write_text(self._here(block.text))

    def open(self, command: Command) -> None:
        """Run a command in the second terminal, in place of what ran there."""
        self.close()
        self._open = subprocess.Popen(
            ["bash", "-c", f"exec {self._here(command.text)}"],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        if self._open.stdout is None or not self._open.stdout.readline():
            raise AssertionError(f"nothing is seen of: {command.text}")

    def close(self) -> None:
        """End what runs in the second terminal."""
        if self._open:
            self._open.terminate()
            self._open.communicate(timeout=_WAIT_SECONDS)
            self._open = None

    def _here(self, text: str) -> str:
        for there, here in self._replaced.items():
            text = text.replace(there, here)
        return text

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def _environment() -> dict[str, str]:
    """Return the environment of somebody who has set nothing and has Maverick installed."""
    own = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("MAVERICK_") and name not in {"COLUMNS", "FORCE_COLOR"}
    }
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {**own, "PATH": path, "LOGNAME": "dana", "NO_COLOR": "1"}


def plainly(text: str) -> str:
    """Return ``text`` in one line, without borders and without what differs between runs."""
    for pattern, instead in _VARYING:
        text = pattern.sub(instead, text)
    return " ".join(text.split())


def unseen(shown: str, seen: str) -> list[str]:
    """Return the lines of ``shown`` that ``seen`` does not have in their order.

    A line of the page that is an ellipsis stands for lines left out.
    """
    rest = plainly(seen)
    missing = []
    for line in map(plainly, shown.splitlines()):
        if line and line != "…":
            _, found, after = rest.partition(line)
            if found:
                rest = after
            else:
                missing.append(line)
    return missing
