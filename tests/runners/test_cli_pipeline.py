"""From a messy list and a scraped site to Email Bison, by one command, and nobody is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contracts.bison.stub import BisonStub
from contracts.sites import ExampleSites
from contracts.sites import serve as serve_sites
from contracts.verifier.stub import VerifierStub
from contracts.verifier.stub import serve as serve_verifier
from tests.runners.conftest import TOKEN, Run

LIST = """\
E-Mail;Vorname;Nachname;Company;State
Ann@Harbor.example;Ann;Adler;Harbor Insurance;OH
ann@harbor.example;Ann;Adler;;
info@harbor.example;Office;Team;Harbor Insurance;OH
nobody.nell@lake.example;Nell;Noone;Lake Agency;NY
bob@lake.example;Bob;Baker;"Lake; Agency";NY
not an address;Cy;Cole;Lake Agency;NY
;Dee;Drew;Lake Agency;NY
eve@gone.example;Eve;Ellis;Gone Inc;TX
"""
SOURCE = """\
name = "directory"
start = "{url}/directory"
item = ".agent"
next = "a.next"

[fields]
full_name = "h2"
company = ".company"
email = "a.mail@href"

[limits]
requests_per_minute = 60000
"""


@pytest.fixture
def world(maverick: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run commands for acme, which has a token, a target, a messy list and a site to scrape."""
    with (
        serve_sites(ExampleSites(pages=2, people=4)) as site,
        serve_verifier(VerifierStub()) as verifier,
    ):
        monkeypatch.setenv("MAVERICK_SCRAPE_LOOPBACK", "true")
        monkeypatch.setenv("MAVERICK_VERIFIER", "http")
        monkeypatch.setenv("MAVERICK_VERIFIER_URL", verifier.url)
        monkeypatch.setenv("MAVERICK_VERIFIER_KEY", "vk-stub")
        assert maverick("workspaces", "add", "acme", "--timezone", "America/New_York").code == 0
        assert maverick("tokens", "set", "acme", stdin=TOKEN + "\n").code == 0
        month = maverick("targets", "show", "acme", "-o", "json").json["month"]
        assert maverick("targets", "set", "acme", month, "100").code == 0
        (folder / "list.csv").write_text(LIST, encoding="utf-8-sig")
        (folder / "directory.toml").write_text(SOURCE.format(url=site.url))
        yield maverick


def whole(maverick: Run) -> Any:
    """Return acme's buckets, having seen that they add up."""
    audit = maverick("pipeline", "audit", "-o", "json")
    (found,) = audit.json["workspaces"]
    assert (found["differences"], found["strays"], audit.code) == ([], [], 0)
    return found["buckets"]


def test_one_command_goes_all_the_way(world: Run, folder: Path, stub: BisonStub) -> None:
    """Messy list and site alike; each who is left out is left out with a reason."""
    maps = ("--map", "Vorname=first_name", "--map", "Nachname=last_name")
    world("import", folder / "list.csv", "-w", "acme", *maps)
    assert world("sources", "add", folder / "directory.toml", "-w", "acme").code == 0

    ran = world("pipeline", "run", "--workspace", "acme", "-o", "json")

    assert ran.code == 0, ran.err
    buckets = whole(world)
    uploaded = buckets["states"]["uploaded"]
    assert uploaded == len(stub.held("Acme")) == 2 + 8
    assert buckets["raw"] == buckets["kept"] + sum(buckets["filtered"].values()) == 8 + 8
    assert buckets["not_mailable"] == {
        "invalid/no_such_domain": 1,
        "invalid/no_such_mailbox": 1,
    }


def test_each_stage_runs_alone_and_nobody_is_lost_between_them(
    world: Run, folder: Path, stub: BisonStub
) -> None:
    """After each one everybody is in exactly one bucket; a second run of it does nothing."""
    world("sources", "add", folder / "directory.toml", "-w", "acme")
    done = []
    for stage in ("scraping", "import", "filtering", "verification", "batching", "upload"):
        (first,) = world("pipeline", "run", stage, "-o", "json").json["stages"]
        whole(world)
        (again,) = world("pipeline", "run", stage, "-o", "json").json["stages"]
        done.append(first["done"])
        assert again["done"] == 0

    assert done == [8, 0, 8, 8, 8, 8]
    assert len(stub.held("Acme")) == 8


def test_the_whole_way_of_a_contact_is_told(world: Run, folder: Path) -> None:
    """From the page that it was found on to Email Bison; or why it went no further."""
    world("sources", "add", folder / "directory.toml", "-w", "acme")
    maps = ("--map", "Vorname=first_name", "--map", "Nachname=last_name")
    world("import", folder / "list.csv", "-w", "acme", *maps)
    world("pipeline", "run")

    def way(email: str) -> tuple[str | None, list[str]]:
        found = world("contacts", "trace", email, "-w", "acme", "-o", "json").json
        return found["state"], [step["what"] for step in found["steps"]]

    assert way("ann.adler0@directory.example") == (
        "uploaded",
        ["found", "kept", "verified", "imported", "batched", "accepted"],
    )
    assert way("info@harbor.example") == (None, ["found", "filtered"])
    assert way("nobody.nell@lake.example") == (None, ["found", "kept", "not mailable"])
    assert world("contacts", "trace", "stranger@lake.example", "-w", "acme").code == 1


def test_an_empty_house_has_nothing_to_run_and_is_whole(maverick: Run) -> None:
    """No workspace, no stage, no fault."""
    assert maverick("pipeline", "run", "-o", "json").json == {"stages": []}
    assert maverick("pipeline", "audit").code == 0
    assert maverick("pipeline", "run", "cleaning").code == 2
