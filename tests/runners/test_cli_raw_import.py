"""``maverick import`` of an unjudged list, and ``maverick imports``, as a person meets them."""

from __future__ import annotations

import csv
import shlex
from pathlib import Path

import pytest

from tests.runners.conftest import Run

LIST = """Work Mail,First Name,Company,Tel.
ann@oak.example,Ann,Oak,512 555 0142
bob@oak.example,Bob
,Cy,Elm,1
dee@elm.example,,Elm,1
"""
MAP = ("--map", "Work Mail=email")


@pytest.fixture
def acme(maverick: Run, folder: Path) -> Run:
    """Give a workspace, and a list beside it."""
    maverick("workspaces", "add", "acme", "--timezone", "America/New_York")
    (folder / "list.csv").write_text(LIST)
    return maverick


def test_a_preview_says_what_each_column_seems_to_be(acme: Run) -> None:
    """A name that is known is certain, cells speak for others; nothing is put on record."""
    seen = acme("import", "list.csv", "-w", "acme", "--preview", *MAP, "-o", "json")
    table = acme("import", "list.csv", "-w", "acme", "--preview")
    said = acme("import", "list.csv", "-w", "acme", "--preview", *MAP)

    guessed = {each["column"]: (each["field"], each["confidence"]) for each in seen.json["columns"]}
    assert guessed["Work Mail"][0] == "email"
    assert 85 <= guessed["Work Mail"][1] < 100
    assert guessed["First Name"] == ("first_name", 100)
    assert seen.json["rows"][0] == ["ann@oak.example", "Ann", "Oak", "512 555 0142"]
    assert "Is 'Work Mail' the email? Then: --map \"Work Mail=email\"." in table.err
    assert "Then:" not in said.err
    assert acme("imports", "list", "-w", "acme", "-o", "json").json == []


def test_a_dry_run_counts_what_each_row_would_come_to(acme: Run) -> None:
    """By shape and by the filter's rules; nothing is put on record."""
    tried = acme("import", "list.csv", "-w", "acme", "--dry-run", *MAP, "-o", "json")

    assert tried.code == 3
    assert tried.json["codes"] == {
        "email_missing": 1,
        "first_name_missing": 1,
        "kept": 1,
        "ragged_row": 1,
    }
    assert acme("imports", "list", "-w", "acme", "-o", "json").json == []


def test_rejects_are_corrected_and_imported_again(acme: Run, folder: Path) -> None:
    """The old rejects close, and nothing is counted twice, however often it is imported."""
    ran = acme("import", "list.csv", "-w", "acme", *MAP, "-o", "json")
    acme("filtering", "run")
    acme("imports", "rejects", "1", "-w", "acme", "--to", "rejects.csv")

    assert (ran.code, ran.json["added"], ran.json["rejected"]) == (3, 3, 1)
    header, *rows = csv.reader((folder / "rejects.csv").read_text("utf-8-sig").splitlines())
    assert header[:4] == ["reject_row", "reject_code", "reject_reason", "row_token"]
    assert [row[1] for row in rows] == ["ragged_row", "email_missing", "first_name_missing"]

    rows[0].extend(["Oak", "1"])
    rows[1][4] = "cy@elm.example"
    with (folder / "fixed.csv").open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    fixed = acme("import", "fixed.csv", "-w", "acme", *MAP, "-o", "json")
    acme("filtering", "run")
    again = acme("import", "fixed.csv", "-w", "acme", *MAP, "-o", "json")

    assert (fixed.json["rows"], fixed.json["corrected"]) == (3, 3)
    assert (again.json["rows"], again.json["repeated"]) == (1, 2)
    shown = acme("imports", "show", "1", "-w", "acme", "-o", "json").json
    assert shown["fates"] == {"waiting": 0, "kept": 1, "closed": 3, "open": 0}


def test_the_same_file_again_is_said_to_be_the_same(acme: Run, folder: Path) -> None:
    """By its bytes, whatever its name; its rows come in, and the filter finds them known."""
    (folder / "again.csv").write_text(LIST)
    first = acme("import", "list.csv", "-w", "acme", *MAP)
    second = acme("import", "again.csv", "-w", "acme", *MAP)
    acme("filtering", "run", "-w", "acme")
    fates = acme("imports", "show", "2", "-w", "acme", "-o", "json").json

    assert "came in before" not in first.err
    assert "The same file came in before, as import 1 of " in second.err
    assert fates["fates"]["kept"] == 0


def test_a_rejects_file_comes_with_the_command_that_takes_it(acme: Run) -> None:
    """The mapping included: the file has the original columns."""
    acme("import", "list.csv", "-w", "acme", *MAP)
    written = acme("imports", "rejects", "1", "-w", "acme", "--to", "rejects.csv")
    command = written.err.partition("then: maverick ")[2].strip()
    again = acme(*shlex.split(command), "-o", "json")

    assert again.code != 2, again.err
    assert again.json["corrected"] > 0


def test_rejects_of_a_verified_list_are_said_to_be_beside_it(acme: Run, folder: Path) -> None:
    """And how to have them once more."""
    (folder / "verified.csv").write_text("email,first_name\nann@oak.example,Ann\nnobody,Bob\n")
    acme("import", "verified.csv", "-w", "acme", "--verified")
    asked = acme("imports", "rejects", "1", "-w", "acme")

    assert asked.code == 1
    assert "--verified" in asked.err


def test_a_rejects_file_is_written_over_nothing(acme: Run, folder: Path) -> None:
    """It may be one that somebody has half corrected; without a name it is printed."""
    acme("import", "list.csv", "-w", "acme", *MAP)
    (folder / "rejects.csv").write_text("mine")

    assert acme("imports", "rejects", "1", "-w", "acme", "--to", "rejects.csv").code == 1
    assert (folder / "rejects.csv").read_text() == "mine"
    assert "ragged_row" in acme("imports", "rejects", "1", "-w", "acme").out


def test_what_is_over_is_neither_resumed_nor_cancelled(acme: Run) -> None:
    """Each refusal says what the import is; an import of another workspace is not there."""
    acme("import", "list.csv", "-w", "acme", *MAP)
    acme("workspaces", "add", "zeta", "--timezone", "America/New_York")

    for verb in ("resume", "cancel"):
        ran = acme("imports", verb, "1", "-w", "acme")
        assert (ran.code, "import_state" in ran.err) == (1, True)
        assert "import_missing" in acme("imports", verb, "1", "-w", "zeta").err
    assert acme("imports", "show", "1", "-w", "zeta").code == 1


def test_a_file_that_makes_no_sense_is_refused_before_anything_is_on_record(acme: Run) -> None:
    """As one of a verified list is; and rejects cannot be asked for beforehand."""
    assert "email_column_missing" in acme("import", "list.csv", "-w", "acme").err
    assert "rejects_later" in acme("import", "list.csv", "-w", "acme", "--rejects", "r.csv").err
    assert acme("imports", "list", "-w", "acme", "-o", "json").json == []
