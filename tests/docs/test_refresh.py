"""Whoever refreshes the pages gets pages, also without a PostgreSQL to name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.console import Command, Terminal
from tests.docs.refresh import a_postgres
from tests.docs.worlds import ADDRESS_IN_PAGES
from tests.services.postgres import ADDRESS_VARIABLE


def test_without_a_named_postgres_pages_speak_with_a_private_one(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    postgres_url: str,  # noqa: ARG001 - there is a PostgreSQL to start
) -> None:
    """The page shows the address that its reader is to fill in, never the one that was used."""
    monkeypatch.delenv(ADDRESS_VARIABLE, raising=False)

    with a_postgres() as address, Terminal(tmp_path, {ADDRESS_IN_PAGES: address}) as terminal:
        seen = terminal.run(Command(f"echo {ADDRESS_IN_PAGES}", ""))

    assert address.startswith("postgresql")
    assert seen.strip() == ADDRESS_IN_PAGES


def test_an_empty_address_is_refused_before_it_is_replaced(tmp_path: Path) -> None:
    """Everything seen would be full of the page's own."""
    with pytest.raises(ValueError, match="empty"):
        Terminal(tmp_path, {ADDRESS_IN_PAGES: ""})
