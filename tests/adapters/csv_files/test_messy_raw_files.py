"""The messy files as unjudged lists: what each row comes to stands beside each, under ``raw``."""

from typing import Any

import pytest

from contracts.machines.importing import ImportRig
from contracts.store.site import Site
from maverick_adapters.memory import ManualClock, MemoryStore
from maverick_core.kernel.errors import Rejected
from maverick_core.pipeline.csv_import.mapping import Choices
from maverick_core.pipeline.filtering.service import Judges
from maverick_core.pipeline.raw_import.codes import SHAPE_CODES
from maverick_core.pipeline.raw_import.columns import RAW_FIELDS
from maverick_core.pipeline.raw_import.rehearsal import RehearseImport, preview
from maverick_core.pipeline.raw_import.rules import Reading
from tests.adapters.csv_files.test_messy_files import CASES, MESSY

READABLE = [pytest.param(case, id=case["file"]) for case in CASES if "verdicts" in case["raw"]]
REFUSED = [pytest.param(case, id=case["file"]) for case in CASES if "error" in case["raw"]]


def reading(case: dict[str, Any]) -> Reading:
    maps, variables = case.get("maps", ()), case.get("variables", ())
    choices = Choices.parse(maps, variables, known=RAW_FIELDS)
    return Reading(fields=choices.fields, variables=tuple(choices.variables))


def rig(page_rows: int = 5_000) -> ImportRig:
    clock = ManualClock()
    store = MemoryStore(clock)
    return ImportRig(Site(store, clock, lambda: None, lambda *_: store), page_rows)


def test_there_are_enough_of_them() -> None:
    """Encodings, separators, quoting, habits of Excel, broken rows."""
    assert len(CASES) >= 40


@pytest.mark.parametrize("page_rows", [1, 2, 5_000])
@pytest.mark.parametrize("case", READABLE)
def test_each_row_comes_to_what_was_expected(case: dict[str, Any], page_rows: int) -> None:
    """By its shape or by the filter, wherever pages end; all of them add up."""
    desk = rig(page_rows)
    found = desk.imported((MESSY / case["file"]).read_bytes(), reading(case))

    record = desk.site.record
    judged = record.judged(desk.workspace_id, after=0, limit=1_000, waiting=False)
    open_rows = record.open_rejects(found.id, after=0, limit=1_000)
    verdicts = [[raw.row_number, code] for raw, code in judged]
    verdicts += [[row.row_number, row.code] for row in open_rows if row.code in SHAPE_CODES]
    assert sorted(verdicts) == case["raw"]["verdicts"]
    assert found.rows == len(verdicts)
    assert desk.broken() == []


@pytest.mark.parametrize("case", READABLE)
def test_a_dry_run_says_the_same_and_a_preview_shows_it(case: dict[str, Any]) -> None:
    """The verdicts that would be, by code; and what would be read, without an error."""
    desk = rig()
    found = desk.taken((MESSY / case["file"]).read_bytes())
    sheet = desk.sheets.sheet(found, Reading())
    record = desk.site.record
    judges = Judges(record, desk.cleaner, desk.domains)
    rehearse = RehearseImport(record, record, record, judges)

    tried = rehearse("acme", sheet, reading(case), lambda _rows, _read: None)
    codes = [code for _, code in case["raw"]["verdicts"]]
    assert tried.codes == {code: codes.count(code) for code in codes}
    assert tried.rows == len(codes)
    assert preview(sheet).columns
    assert record.raw_snapshot().raw == []


@pytest.mark.parametrize("case", REFUSED)
def test_what_makes_no_sense_is_refused_before_it_starts(case: dict[str, Any]) -> None:
    """With the code that a verified list is refused with, and nobody's data."""
    with pytest.raises(Rejected) as refusal:
        rig().started((MESSY / case["file"]).read_bytes(), reading(case))

    assert refusal.value.code == case["raw"]["error"]
    assert refusal.value.remedy
    assert "ann@" not in str(refusal.value) + refusal.value.remedy
