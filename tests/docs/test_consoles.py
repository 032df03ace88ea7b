"""A reader who types what a page says sees what the page shows."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs.console import Terminal, commands, unseen
from tests.docs.pages import ROOT, blocks, name, pages_with
from tests.docs.refresh import enter
from tests.docs.worlds import ADDRESS_IN_PAGES, POSTGRES, WORLDS


def follow(page: Path, terminal: Terminal) -> None:
    enter(terminal, WORLDS.get(name(page), ""))
    for block in blocks(page.read_text(), "console", "csv", "toml"):
        terminal.save(block)
        for command in commands(block):
            if block.second_terminal:
                terminal.open(command)
                continue
            seen = terminal.run(command)

            missing = unseen(command.shown, seen)
            assert not missing, f"$ {command.text}\n{seen}\nThe page also shows: {missing}"


@pytest.mark.parametrize(
    "page", [page for page in pages_with("console") if name(page) != POSTGRES], ids=name
)
def test_a_page_shows_what_is_seen(page: Path, tmp_path: Path) -> None:
    """``python -m tests.docs.refresh`` writes today's outputs into the pages."""
    with Terminal(tmp_path) as terminal:
        follow(page, terminal)


def test_the_page_on_postgresql_shows_what_is_seen(
    tmp_path: Path, fresh_postgres_database: Callable[[], str]
) -> None:
    here = {ADDRESS_IN_PAGES: fresh_postgres_database()}
    with Terminal(tmp_path, here) as terminal:
        follow(ROOT / POSTGRES, terminal)


@pytest.mark.parametrize(
    ("shown", "seen"),
    [
        ("uploaded 6", "uploaded 5"),
        ("one\ntwo", "two\none"),
        ("a line", ""),
        ("Re-queued: B-000001.", "✕ B-000001 was not re-queued"),
    ],
)
def test_an_output_that_differs_is_noticed(shown: str, seen: str) -> None:
    assert unseen(shown, seen)


@pytest.mark.parametrize(
    ("shown", "seen"),
    [
        ("2026-11 6", "│ 2027-01 │     6 │"),
        ("first\n…\nlast", "first\nsecond\nlast"),
        ("http://127.0.0.1:8025", "http://127.0.0.1:40001"),
    ],
)
def test_what_varies_between_runs_is_let_pass(shown: str, seen: str) -> None:
    assert not unseen(shown, seen)
