"""``maverick import`` as a person at a terminal meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runners.conftest import Ran, Run

LIST = "Email,First Name,Phone\nann@x.test,Ann,1\nbob@x.test,Bob,2\n"
MESSY = LIST + "nobody,Cy,3\n"


@pytest.fixture
def importing(maverick: Run, folder: Path) -> Run:
    """Return a function that imports a text into acme."""
    maverick("workspaces", "add", "acme", "--timezone", "America/New_York")

    def run(text: str, *options: str | Path) -> Ran:
        (folder / "list.csv").write_text(text)
        return maverick("import", "list.csv", "--workspace", "acme", *options)

    return run


@pytest.mark.parametrize(
    ("text", "code"), [(LIST, 0), (MESSY, 3), ("Email,First Name\nnobody,Cy\n", 1)]
)
def test_the_exit_code_says_how_many_were_added(importing: Run, text: str, code: int) -> None:
    """0 all, 3 some, 1 none; the same in a dry run."""
    assert importing(text, "--verified", "--dry-run").code == code
    assert importing(text, "--verified").code == code


def test_what_became_of_the_file_is_told_as_json(importing: Run, folder: Path) -> None:
    """Counts, codes, what each column became and where the rejects are; nobody's data."""
    ran = importing(MESSY, "--verified", "--variable", "phone", "-o", "json")

    assert ran.json == {
        "workspace": "acme",
        "file": "list.csv",
        "dry_run": False,
        "import_id": 1,
        "rows": 3,
        "added": 2,
        "rejected": 1,
        "reject_codes": {"email_bad_syntax": 1},
        "rejects_file": "list.rejects.csv",
        "encoding": "utf-8",
        "delimiter": ",",
        "fields": {"email": "Email", "first_name": "First Name"},
        "variables": {"phone": "Phone"},
        "ignored": [],
        "suggestions": {},
    }
    assert "nobody" in (folder / "list.rejects.csv").read_text()
    assert "nobody" not in ran.out + ran.err


def test_a_person_is_told_what_was_rejected_and_where_it_is(importing: Run) -> None:
    """Each code in words, the columns that were left out, and the next step."""
    ran = importing(MESSY, "--verified")

    assert "email_bad_syntax" in ran.out
    assert "The e-mail is not written as name@domain.tld." in ran.out
    assert "Not imported: Phone. Keep a column with --variable." in ran.err
    assert "list.rejects.csv" in ran.err


def test_a_dry_run_shows_what_columns_become_and_writes_nothing(
    importing: Run, folder: Path
) -> None:
    """Unless a file for the rejects was named: then it has them."""
    ran = importing(MESSY, "--verified", "--dry-run")
    names = {path.name for path in folder.glob("*.csv")}
    importing(MESSY, "--verified", "--dry-run", "--rejects", "bad.csv")

    assert "first_name" in ran.out
    assert "would be added" in ran.out
    assert names == {"list.csv"}
    assert (folder / "bad.csv").exists()
    assert importing(LIST, "--verified", "-o", "json").json["added"] == 2


def test_corrected_rejects_are_imported_as_they_are(importing: Run, folder: Path) -> None:
    """Correct the cell in the rejects file, import it, and the contact is there."""
    importing(MESSY, "--verified")
    corrected = (folder / "list.rejects.csv").read_text().replace("nobody,", "cy@x.test,")
    ran = importing(corrected, "--verified", "-o", "json")

    assert (ran.code, ran.json["added"]) == (0, 1)


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        ("", (), "list.csv is empty"),
        ("A,B\n1,2\n", (), 'Say which column it is: --map "Column=email"'),
        ("ann@x.test,Ann\n", (), "has no header"),
        (LIST, ("--map", "Mobile=notes"), "no column 'Mobile'"),
        (LIST, ("--map", "Phone=age"), "'age' is not a field"),
        (LIST, ("--encoding", "klingon"), "not a text encoding"),
        (LIST, ("--delimiter", "::"), "cannot separate cells"),
        ("PK\x03\x04", (), "export it as CSV first"),
    ],
)
def test_what_cannot_be_imported_is_refused_with_the_remedy(
    importing: Run, folder: Path, text: str, options: tuple[str, ...], words: str
) -> None:
    """Nothing is added and no file is left behind."""
    ran = importing(text, "--verified", *options)

    assert ran.code == 2
    assert words in " ".join(ran.err.split())
    assert {path.name for path in folder.glob("*.csv")} == {"list.csv"}


def test_a_rejects_file_is_never_written_over(importing: Run, folder: Path) -> None:
    """By default the next free name is taken; a named file has to be new."""
    (folder / "list.rejects.csv").write_text("half corrected")
    (folder / "mine.csv").write_text("mine")
    named = importing(MESSY, "--verified", "--rejects", "mine.csv")
    ran = importing(MESSY, "--verified", "-o", "json")

    assert (named.code, ran.json["rejects_file"]) == (1, "list.rejects-2.csv")
    assert (folder / "list.rejects.csv").read_text() == "half corrected"
    assert (folder / "mine.csv").read_text() == "mine"
    assert ran.json["added"] == 2
