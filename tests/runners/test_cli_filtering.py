"""``maverick filtering`` and ``maverick suppressions`` as a person at a terminal meets them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runners.conftest import Run

LIST = """Email,Name,Phone,State
ann@x.example,Ann Lee,(512) 555-0142,Tex
ann@x.example,Ann,,
info@x.example,Info Desk,,
bob@gmail.com,Bob Ray,,Ohio
nobody,Cy,,
dan@rival.example,"SMITH, DAN",,Ohio
"""


@pytest.fixture
def acme(maverick: Run, folder: Path) -> Run:
    """Put a raw list of six on record."""
    maverick("workspaces", "add", "acme", "--timezone", "America/New_York")
    (folder / "list.csv").write_text(LIST)
    ran = maverick("import", "list.csv", "-w", "acme", "-o", "json")
    assert (ran.code, ran.json["rows"]) == (0, 6)
    assert ran.json["fields"] == {
        "email": "Email",
        "name": "Name",
        "phone": "Phone",
        "state": "State",
    }
    return maverick


def test_a_run_says_what_became_of_each_row(acme: Run) -> None:
    """A dry run says it before; nobody's data is told."""
    tried = acme("filtering", "run", "--dry-run", "-o", "json").json
    ran = acme("filtering", "run", "-o", "json")

    assert (tried.pop("dry_run"), ran.json.pop("dry_run")) == (True, False)
    [found] = ran.json["filtered"]
    assert tried["filtered"] == [found]
    assert (found["rows"], found["kept"]) == (6, 2)
    assert found["codes"] == {
        "duplicate_in_file": 1,
        "email_bad_syntax": 1,
        "personal_domain": 1,
        "role_account": 1,
    }
    assert "example" not in ran.out + ran.err
    assert acme("filtering", "run", "-w", "acme", "-o", "json").json["filtered"][0]["rows"] == 0


def test_codes_are_told_in_words(acme: Run) -> None:
    """With how many rows have each."""
    ran = acme("filtering", "run")

    assert "role_account" in ran.out
    assert "a function's" in ran.out


def test_rules_are_shown_set_tried_and_remembered(acme: Run, folder: Path) -> None:
    """What is shown is what can be set."""
    shown = acme("filtering", "rules", "show", "-w", "acme", "-o", "json").json
    assert (shown["version"], shown["rules"]["states"]) == (0, [])
    (folder / "rules.json").write_text(acme("filtering", "rules", "show", "-w", "acme").out)
    acme("filtering", "run")
    same = acme("filtering", "what-if", "-w", "acme", "rules.json")
    assert "changed nothing" in same.err
    (folder / "rules.json").write_text('{"states": ["Ohio"]}')

    tried = acme("filtering", "what-if", "-w", "acme", "rules.json", "-o", "json").json
    assert {(each["before"], each["after"]) for each in tried["changes"]} == {
        ("kept", "state_outside"),
        ("duplicate_in_file", "state_outside"),
    }
    for version in (1, 2):
        ran = acme("filtering", "rules", "set", "-w", "acme", "rules.json", "-o", "json")
        assert ran.json == {"workspace": "acme", "version": version}
    versions = acme("filtering", "rules", "history", "-w", "acme", "-o", "json").json["versions"]
    assert [each["version"] for each in versions] == [2, 1]


def test_wrong_rules_are_refused_with_the_place(acme: Run, folder: Path) -> None:
    """And a file that is none as well."""
    (folder / "rules.json").write_text('{"states": ["Texaz"]}')
    ran = acme("filtering", "rules", "set", "-w", "acme", "rules.json")

    assert ran.code == 2
    assert "#/states/0" in ran.err
    assert acme("filtering", "what-if", "-w", "acme", "nowhere.json").code == 2


def test_suppressions_are_added_listed_and_taken_away(acme: Run, folder: Path) -> None:
    """For one workspace or for all; a list may have lines that are none."""
    assert acme("suppressions", "add", "*.rival.example", "-w", "acme", "-o", "json").json == {
        "read": 1,
        "added": 1,
        "bad_lines": [],
    }
    (folder / "gone.txt").write_text("ann@x.example\n\nnonsense\n*.rival.example\n")
    ran = acme("suppressions", "import", "gone.txt", "--reason", "unsubscribed", "-o", "json")
    assert (ran.code, ran.json) == (3, {"read": 3, "added": 2, "bad_lines": [3]})
    assert acme("suppressions", "add", "nonsense").code == 2

    listed = acme("suppressions", "list", "-w", "acme", "-o", "json").json["suppressions"]
    assert {(each["pattern"], each["for"], each["reason"]) for each in listed} == {
        ("*.rival.example", "acme", "manual"),
        ("*.rival.example", "all", "unsubscribed"),
        ("ann@x.example", "all", "unsubscribed"),
    }
    [found] = acme("filtering", "run", "-o", "json").json["filtered"]
    assert found["codes"]["suppressed_email"] == 2
    assert found["codes"]["suppressed_domain"] == 1
    removed = acme("suppressions", "remove", "*.rival.example", "ann@x.example", "-o", "json")
    assert removed.json == {"removed": 2}


def test_an_export_of_people_to_suppress_is_taken_by_its_first_cells(
    acme: Run, folder: Path
) -> None:
    """With whatever else it says of them, and what somebody noted down behind a hash."""
    exported = 'Email,why\n"ann@oak.example",left\n# asked twice\nbob@oak.example; moved # 2\n'
    (folder / "gone.csv").write_text(exported)
    (folder / "wrong.csv").write_text("why,Email\nleft,ann@oak.example\n")
    ran = acme("suppressions", "import", "gone.csv", "-o", "json")
    wrong = acme("suppressions", "import", "wrong.csv")

    assert (ran.code, ran.json) == (3, {"read": 3, "added": 2, "bad_lines": [1]})
    assert wrong.code == 1
    assert "Nobody was suppressed" in wrong.err


def test_what_changes_whom_is_written_to_is_in_the_audit_log(acme: Run, folder: Path) -> None:
    """Who did what for which workspace, and nothing of whom a suppression names."""
    (folder / "rules.json").write_text("{}")
    acme("filtering", "rules", "set", "rules.json", "-w", "acme")
    acme("filtering", "run", "-w", "acme")
    acme("suppressions", "add", "ann@x.example", "-w", "acme")
    acme("suppressions", "remove", "ann@x.example")
    log = acme("audit", "list", "-o", "json")
    done = {(each["action"], each["subject"]) for each in log.json["entries"]}

    assert done >= {
        ("filtering.rules", "acme"),
        ("filtering.run", "acme"),
        ("suppressions.add", "acme"),
        ("suppressions.remove", "all"),
    }
    assert "x.example" not in log.out
