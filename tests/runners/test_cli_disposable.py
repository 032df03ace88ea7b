"""``maverick filtering disposable`` as a person at a terminal meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from maverick_adapters.cleaning import PackagedDomains
from tests.runners.conftest import Run

PACKAGED = len(PackagedDomains().disposable_list().packaged)


@pytest.fixture
def named(maverick: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Set a file of two domains as the source."""
    (folder / "domains.txt").write_text("throw.example\nthrown.example # since spring\n")
    monkeypatch.setenv("MAVERICK_DISPOSABLE_DOMAINS_URL", str(folder / "domains.txt"))
    return maverick


def show(maverick: Run) -> dict[str, object]:
    """Return what is in force."""
    shown: dict[str, object] = maverick("filtering", "disposable", "-o", "json").json
    return shown


def test_without_a_source_the_packaged_list_counts(maverick: Run) -> None:
    """And a refresh says what to set."""
    shown = show(maverick)
    ran = maverick("filtering", "disposable", "refresh")

    assert (shown["domains"], shown["fetched"], shown["version"]) == (PACKAGED, 0, 0)
    assert (shown["source"], shown["last_refresh"]) == (None, "there was none")
    assert ran.code == 2
    assert "MAVERICK_DISPOSABLE_DOMAINS_URL" in ran.err
    assert "packaged list" in maverick("filtering", "disposable", "check", "mailinator.com").err


def test_a_refresh_is_tried_done_and_shown(named: Run, folder: Path) -> None:
    """A dry run changes nothing; doing it again finds nothing new."""
    tried = named("filtering", "disposable", "refresh", "--dry-run", "-o", "json").json
    assert (tried["dry_run"], tried["added"], tried["version"]) == (True, 2, 0)
    assert show(named)["fetched"] == 0

    done = named("filtering", "disposable", "refresh", "-o", "json").json
    again = named("filtering", "disposable", "refresh")
    assert (done["event"], done["added"], done["version"]) == ("replaced", 2, 1)
    assert "is what is in force: 2 domains" in again.err
    shown = show(named)
    assert (shown["domains"], shown["source"], shown["age_days"]) == (
        PACKAGED + 2,
        "domains.txt",
        0,
    )
    assert str(shown["last_refresh"]).endswith("domains.txt: nothing had changed")
    assert str(folder) not in named("filtering", "disposable").out
    entries = named("audit", "list", "-o", "json").json["entries"]
    assert "filtering.disposable" in {each["action"] for each in entries}


def test_a_list_that_is_refused_stays_out_with_the_reason(named: Run, folder: Path) -> None:
    """Half of it gone is a matter for a person."""
    named("filtering", "disposable", "refresh")
    (folder / "portal.txt").write_text("<html>Log in</html>")
    (folder / "other.txt").write_text("other.example\ngmail.com\nno domain\n")

    portal = named("filtering", "disposable", "refresh", "--from", "portal.txt")
    shrunk = named("filtering", "disposable", "refresh", "--from", "other.txt")
    assert (portal.code, shrunk.code) == (2, 1)
    assert "HTML" in portal.err
    assert "--force" in shrunk.err
    assert "refused. The new list lacks 2 of the 2" in str(show(named)["last_refresh"])
    forced = named("filtering", "disposable", "refresh", "--from", "other.txt", "--force")
    assert forced.code == 0
    assert "gmail.com" in forced.err
    assert "1 lines are no domains: line 3." in forced.err


def test_a_domain_is_looked_up_and_allowed(named: Run) -> None:
    """By domain or e-mail; the person is not repeated."""
    named("filtering", "disposable", "refresh")

    def check(domain: str) -> list[object]:
        found = named("filtering", "disposable", "check", domain, "-o", "json").json
        return [found["disposable"], found["source"], found["entry"]]

    assert check("ann@mx.throw.example") == [True, "refreshed", "throw.example"]
    assert check("agency.example") == [False, None, None]
    allow = ("filtering", "disposable", "allow", "throw.example")
    assert named(*allow, "-o", "json").json["changed"]
    assert check("throw.example") == [False, "allowed", "throw.example"]
    assert "already" in named(*allow).err
    assert named(*allow, "--undo").code == 0
    assert check("throw.example") == [True, "refreshed", "throw.example"]
    ran = named("filtering", "disposable", "check", "Ann Lee")
    assert (ran.code, "Ann" in ran.err) == (2, False)
