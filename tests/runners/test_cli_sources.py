"""``maverick sources`` as a person at a terminal meets it, with a site on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.sites import ExampleSites, serve
from contracts.sites.app import answer
from tests.runners.conftest import Run

SOURCE = """\
name = "directory"
start = "{url}/directory"
item = ".agent"
next = "a.next"
fields = {{ full_name = "h2", email = "a.mail@href" }}
limits = {{ requests_per_minute = 60000 }}
"""


@pytest.fixture
def site(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ExampleSites]:
    """Serve a site of two pages, and describe it in a file."""
    sites = ExampleSites(pages=2, people=4)
    with serve(sites) as server:
        monkeypatch.setenv("MAVERICK_SCRAPE_LOOPBACK", "true")
        (folder / "directory.toml").write_text(SOURCE.format(url=server.url))
        yield sites


@pytest.fixture
def acme(maverick: Run) -> Run:
    """Give a workspace."""
    maverick("workspaces", "add", "acme", "--timezone", "America/New_York")
    return maverick


@pytest.mark.usefixtures("site")
def test_a_site_is_tried_before_it_is_kept(acme: Run) -> None:
    """Its first page is shown with what it leads to; nothing is on record."""
    tried = acme("sources", "try", "directory.toml", "--rows", "2", "-o", "json")

    assert tried.json["contacts"] == 4
    assert len(tried.json["rows"]) == 2
    assert tried.json["next"][0].endswith("/directory?page=2")
    assert acme("sources", "list", "-w", "acme", "-o", "json").json == []


@pytest.mark.usefixtures("site")
def test_a_description_that_finds_nobody_is_told_so(acme: Run, folder: Path) -> None:
    """With what to look at; a script that tries it sees it by the exit code."""
    described = (folder / "directory.toml").read_text()
    (folder / "directory.toml").write_text(described.replace(".agent", ".agnt"))

    tried = acme("sources", "try", "directory.toml")

    assert tried.code == 3
    assert "gives nothing" in tried.err


def test_a_private_host_is_refused_with_what_to_do(
    acme: Run, site: ExampleSites, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is not asked for anything."""
    monkeypatch.setenv("MAVERICK_SCRAPE_LOOPBACK", "false")

    tried = acme("sources", "try", "directory.toml")

    assert tried.code == 2
    assert "not on the public internet" in tried.err
    assert "MAVERICK_SCRAPE_LOOPBACK" in tried.err
    assert site.visits == []


def test_a_source_is_shown_with_its_runs_and_what_they_did_not_read(
    acme: Run, site: ExampleSites
) -> None:
    """From the description to the page that is missing, and why."""
    acme("sources", "add", "directory.toml", "-w", "acme")
    never = acme("sources", "show", "directory", "-w", "acme")
    acme("sources", "run", "directory", "-w", "acme")
    site.script("/directory", answer("404 Not Found"))
    ran = acme("sources", "run", "directory", "-w", "acme")
    shown = acme("sources", "show", "directory", "-w", "acme", "-o", "json").json
    table = acme("sources", "show", "directory", "-w", "acme")

    assert "It never ran." in never.err
    assert ran.code == 1
    assert shown["description"]["item"] == ".agent"
    assert [run["counts"]["contacts"] for run in shown["last_runs"]] == [0, 8]
    assert [note["code"] for note in shown["pages_not_read"]] == ["page_missing"]
    assert "The site has no such page (404)." in table.out


def test_a_source_that_is_not_there_is_named(acme: Run) -> None:
    """With what to look at."""
    asked = acme("sources", "show", "nowhere", "-w", "acme")

    assert asked.code == 1
    assert "nowhere" in asked.err
