"""Write what is seen today under every command of the pages: ``python -m tests.docs.refresh``.

The page on PostgreSQL speaks with a private server, started for it unless there is one already.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.docs.console import Command, Terminal, commands, unseen
from tests.docs.pages import blocks, name, pages_with
from tests.docs.worlds import (
    ADDRESS_IN_PAGES,
    BISON,
    BISON_WITH_A_NEW_TOKEN,
    WORLDS,
)
from tests.services.postgres import ADDRESS_VARIABLE, find_installation, running_server


def enter(terminal: Terminal, world: str) -> None:
    """Type what is there before a page begins."""
    for command in commands(world):
        if f"$ {command.text}" in {BISON, BISON_WITH_A_NEW_TOKEN}:
            terminal.open(command)
        else:
            terminal.run(command)


def refreshed(page: Path, terminal: Terminal) -> str:
    """Return the page's text with today's outputs where the ones it shows are no longer right."""
    old = page.read_text()
    new, at = "", 0
    enter(terminal, WORLDS.get(name(page), ""))
    for block in blocks(old, "console", "csv", "toml"):
        terminal.save(block)
        new += old[at : block.start]
        at = block.end
        if block.second_terminal or block.file:
            new += block.text
            for command in commands(block):
                terminal.open(command)
        else:
            new += "".join(_told(command, terminal) for command in commands(block))
    return new + old[at:]


def _told(command: Command, terminal: Terminal) -> str:
    seen = terminal.run(command)
    shown = seen if unseen(command.shown, seen) or not command.shown.strip() else command.shown
    typed = "$ " + command.text.replace("\n", "\n> ")
    lines = (line.rstrip().replace("\ufeff", "") for line in shown.strip().splitlines())
    return "\n".join([typed, *lines]) + "\n"


@contextmanager
def a_postgres() -> Iterator[str]:
    """Give the address of the PostgreSQL that is named, or of one that is ours for so long."""
    if named := os.environ.get(ADDRESS_VARIABLE):
        yield named
        return
    with running_server(find_installation()) as address:
        yield address.render_as_string(hide_password=False)


def main() -> None:
    """Refresh the pages that are named, or all of them."""
    with a_postgres() as address:
        here = {ADDRESS_IN_PAGES: address}
        for page in pages_with("console"):
            if sys.argv[1:] and not any(wanted in name(page) for wanted in sys.argv[1:]):
                continue
            with tempfile.TemporaryDirectory() as folder, Terminal(Path(folder), here) as terminal:
                page.write_text(refreshed(page, terminal))


if __name__ == "__main__":
    main()
