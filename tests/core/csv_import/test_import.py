"""The whole import over any rows: everything ends up in exactly one place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from maverick_adapters.memory import ManualClock, MemoryStore
from maverick_core.kernel.email import BadEmail, normalise_email
from maverick_core.kernel.errors import Unavailable
from maverick_core.pipeline.csv_import.mapping import Choices
from maverick_core.pipeline.csv_import.ports import ImportCounts, Page, RejectedRow
from maverick_core.pipeline.csv_import.rules import REJECT_REASONS, RejectCode
from maverick_core.pipeline.csv_import.service import ImportContacts, ImportReport
from maverick_core.workspaces.rules import new_workspace

HEADER = ("Email", "First Name", "Notes", "Policy Type")
KEEP = Choices.parse([], ["Policy Type"])
REPEATS = {RejectCode.DUPLICATE_IN_FILE, RejectCode.DUPLICATE_IN_WORKSPACE}

# Few addresses, so that they meet; the other cells are anything, control characters included.
EMAILS = st.sampled_from(["a@x.test", "A@X.Test ", "b@x.test", "c@x.test", "", "nobody", "Email"])
CELLS = st.text(st.characters(), max_size=8) | st.sampled_from(["Ann", "First Name", "", " "])
ROWS = st.lists(
    st.tuples(EMAILS, CELLS, CELLS, CELLS).map(list) | st.lists(CELLS, max_size=6), max_size=12
)


@dataclass
class Table:
    """Rows in pages; a `Sheet`."""

    rows: Sequence[Sequence[str]]
    page_rows: int = 5
    header: Sequence[str] = HEADER
    name: str = "list.csv"

    def pages(self) -> Iterator[Page]:
        for at in range(0, len(self.rows), self.page_rows):
            yield Page(at + 2, self.rows[at : at + self.page_rows], (), 1.0)


@dataclass
class Kept:
    rows: list[RejectedRow] = field(default_factory=list)

    def add(self, rows: Sequence[RejectedRow]) -> None:
        self.rows += rows


class Desk:
    """A store with one workspace, and imports into it."""

    def __init__(self) -> None:
        self.store = MemoryStore(ManualClock())
        self.workspace = self.store.add_workspace(new_workspace("acme", "America/New_York"))

    def run(
        self, table: Table, rejects: Kept | None = None, *, dry_run: bool = False
    ) -> tuple[ImportReport, list[RejectedRow]]:
        rejects = rejects or Kept()
        use_case = ImportContacts(self.store, self.store, ManualClock())
        report = use_case("acme", table, KEEP, rejects, _silent, dry_run=dry_run)
        return report, rejects.rows

    def emails(self, added: int) -> list[str]:
        leads = self.store.leads(self.workspace.id, range(1, added + 1))
        return [lead.email for lead in leads]


def _silent(counts: ImportCounts, read: float) -> None:
    assert 0 <= read <= 1
    assert counts.rows == counts.added + counts.rejected


def is_blank(row: Sequence[str]) -> bool:
    return not "".join(row).strip()


@given(rows=ROWS, page_rows=st.integers(1, 13))
def test_every_row_is_added_or_rejected_and_never_both(
    rows: list[list[str]], page_rows: int
) -> None:
    """Rows that are not rejected are the contacts, in the file's order; so are the rejects."""
    desk = Desk()
    report, rejects = desk.run(Table(rows, page_rows))

    numbers = [row.number for row in rejects]
    rest = [row for n, row in enumerate(rows, start=2) if n not in numbers and not is_blank(row)]
    assert numbers == sorted(set(numbers))
    assert desk.emails(report.counts.added) == [normalise_email(row[0]) for row in rest]
    assert report.counts == ImportCounts(len(rest) + len(rejects), len(rest), len(rejects))
    assert sum(report.rejected.values()) == len(rejects)
    assert all(row.cells == rows[row.number - 2] for row in rejects)
    assert all(row.reason.startswith(REJECT_REASONS[row.code]) for row in rejects)


@given(rows=ROWS, first=st.integers(1, 13), second=st.integers(1, 13))
def test_where_pages_end_changes_nothing(rows: list[list[str]], first: int, second: int) -> None:
    """A page is a transaction and no more than that."""
    assert Desk().run(Table(rows, first)) == Desk().run(Table(rows, second))


@given(rows=ROWS)
def test_importing_a_file_again_adds_nothing(rows: list[list[str]]) -> None:
    """What was added is then named as being there; other verdicts stay, but for repeats."""
    desk = Desk()
    first, rejects = desk.run(Table(rows))
    second, again = desk.run(Table(rows))

    before = {row.number: row.code for row in rejects}
    assert second.counts == ImportCounts(first.counts.rows, 0, first.counts.rows)
    for row in again:
        code = before.get(row.number, RejectCode.DUPLICATE_IN_WORKSPACE)
        assert row.code is (RejectCode.DUPLICATE_IN_WORKSPACE if code in REPEATS else code)


@given(rows=ROWS, before=ROWS)
def test_a_dry_run_gives_the_same_verdicts_and_leaves_no_trace(
    rows: list[list[str]], before: list[list[str]]
) -> None:
    """Counts, codes and rejects are those of the import that follows."""
    desk = Desk()
    held = desk.run(Table(before))[0].counts.added
    rehearsed, rejects = desk.run(Table(rows), dry_run=True)
    known = desk.store.known_contacts(desk.workspace.id, ["a@x.test", "b@x.test", "c@x.test"])
    real, real_rejects = desk.run(Table(rows))

    assert len(known) == held
    assert rejects == real_rejects
    assert rehearsed.counts == real.counts
    assert rehearsed.rejected == real.rejected
    assert rehearsed.import_id is None


@given(value=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=50))
def test_a_variable_is_one_member_of_a_json_object(value: str) -> None:
    """Whatever stands in the cell, the text is JSON and says the same."""
    desk = Desk()
    report, _ = desk.run(Table([["a@x.test", "Ann", "", value]]))
    if not report.counts.added:  # the sign for a lost character is refused
        assert "\ufffd" in value
        return
    (lead,) = desk.store.leads(desk.workspace.id, [1])

    assert json.loads(lead.variables or "{}").keys() <= {"policy type"}
    assert (lead.variables is None) == (not value.strip())


def test_a_repeat_of_a_known_mailbox_is_called_known_in_whatever_page() -> None:
    """What the workspace had before goes before what stands further up in the file."""
    desk = Desk()
    desk.run(Table([["a@x.test", "Ann", "", ""]]))
    for page_rows in (1, 2):
        _, rejects = desk.run(Table([["a@x.test", "Ann", "", ""]] * 2, page_rows))

        assert [row.code for row in rejects] == [RejectCode.DUPLICATE_IN_WORKSPACE] * 2


def test_every_code_has_its_words() -> None:
    """A code without a sentence would be a riddle in somebody's rejects file."""
    assert set(REJECT_REASONS) == set(RejectCode)
    for code in ("email_missing", "email_too_long", "email_bad_character", "email_bad_syntax"):
        assert RejectCode(code)


@given(text=st.text(st.characters()))
def test_every_verdict_on_an_email_is_a_reject_code(text: str) -> None:
    """The kernel's codes and ours are one list."""
    try:
        normalise_email(text)
    except BadEmail as bad:
        code = bad.code
    else:
        return

    assert RejectCode(code)


@dataclass
class Failing(Kept):
    """Rejects that cannot be written after so many pages."""

    pages: int = 0

    def add(self, rows: Sequence[RejectedRow]) -> None:
        if not self.pages:
            raise Unavailable("The disk is full.", code="rejects_unwritable")
        self.pages -= 1
        super().add(rows)


@given(rows=ROWS, pages=st.integers(0, 6))
def test_an_import_that_broke_off_is_completed_by_importing_again(
    rows: list[list[str]], pages: int
) -> None:
    """No contact is missing or there twice, and the second rejects name every other row."""
    broken, whole = Desk(), Desk()
    with suppress(Unavailable):
        broken.run(Table(rows, 2), Failing(pages=pages))
    _, again = broken.run(Table(rows, 2))
    report, rejects = whole.run(Table(rows, 2))

    count = report.counts.added
    assert broken.emails(count) == whole.emails(count)
    assert {row.number for row in rejects} <= {row.number for row in again}
