"""Files as people send them. What each must become stands beside it, as ``messy/NAME.json``."""

import json
from pathlib import Path
from typing import Any

import pytest

from maverick_adapters.csv_files import RejectsFile, open_sheet
from maverick_adapters.memory import ManualClock, MemoryStore
from maverick_core.kernel.errors import Rejected
from maverick_core.pipeline.csv_import.mapping import Choices
from tests.adapters.csv_files.imports import Kept, contacts, run

MESSY = Path(__file__).parent / "messy"
CASES = [json.loads(path.read_text()) for path in sorted(MESSY.glob("*.json"))]
READABLE = [pytest.param(case, id=case["file"]) for case in CASES if "error" not in case]
REFUSED = [pytest.param(case, id=case["file"]) for case in CASES if "error" in case]


def choices(case: dict[str, Any]) -> Choices:
    return Choices.parse(case.get("maps", ()), case.get("variables", ()))


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(ManualClock())


@pytest.mark.parametrize("page_rows", [1, 2, 5_000])
@pytest.mark.parametrize("case", READABLE)
def test_each_row_is_added_or_named(
    case: dict[str, Any], page_rows: int, store: MemoryStore
) -> None:
    """Contacts and rejects are exactly those that were expected, wherever pages end."""
    rejects = Kept()
    sheet = open_sheet(MESSY / case["file"], page_rows=page_rows)
    report = run(store, sheet, rejects, choices(case))

    added = contacts(store, report.counts.added)
    for contact in added:
        if "variables" in contact:
            contact["variables"] = json.loads(contact["variables"])
    assert added == case["added"]
    assert rejects.verdicts == case["rejects"]
    assert report.counts.rejected == len(case["rejects"]) == sum(report.rejected.values())


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_makes_no_sense_is_refused_as_a_whole(
    case: dict[str, Any], store: MemoryStore
) -> None:
    """The error has its code and a remedy, and nothing was put on record."""
    with pytest.raises(Rejected) as refusal:
        run(store, open_sheet(MESSY / case["file"]), Kept(), choices(case))

    assert refusal.value.code == case["error"]
    assert refusal.value.remedy
    assert "ann@" not in str(refusal.value) + refusal.value.remedy


@pytest.mark.parametrize("case", READABLE)
def test_rejects_that_nobody_corrected_get_the_same_verdicts_again(
    case: dict[str, Any], store: MemoryStore, tmp_path: Path
) -> None:
    """A rejects file keeps each row's shape and cells: nothing changes by the round trip."""
    sheet = open_sheet(MESSY / case["file"])
    again = Kept()
    with RejectsFile(tmp_path / "rejects.csv", sheet.header, sheet.delimiter) as rejects:
        first = run(store, sheet, rejects, choices(case))
    if first.counts.rejected:
        second = run(store, open_sheet(rejects.path), again, choices(case))

        assert second.counts.added == 0
    assert [row.code for row in again.rows] == [code_again(code) for _, code in case["rejects"]]
    assert [row.number for row in again.rows] == list(range(2, 2 + len(again.rows)))


def code_again(code: str) -> str:
    """Return the verdict on the same row alone: what repeated a row repeats the workspace now."""
    alone = {"duplicate_in_file": "duplicate_in_workspace", "unreadable": "ragged_row"}
    return alone.get(code, code)
