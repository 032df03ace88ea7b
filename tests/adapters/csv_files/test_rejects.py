"""The rejects file: beside the list, over nothing, harmless, and gone when there are none."""

import csv
from pathlib import Path

import pytest

from maverick_adapters.csv_files import RejectsFile, free_rejects_path, open_sheet
from maverick_core.kernel.errors import Conflict, Unavailable
from maverick_core.pipeline.csv_import.ports import RejectedRow
from maverick_core.pipeline.csv_import.rules import RejectCode

HEADER = ("Email", "First Name")


def reject(*cells: str) -> RejectedRow:
    return RejectedRow(7, RejectCode.EMAIL_MISSING, "There is none.", cells)


def test_the_reason_goes_before_the_original_columns(tmp_path: Path) -> None:
    """And formulas are made harmless for the spreadsheet that it is opened in."""
    path = tmp_path / "rejects.csv"
    with RejectsFile(path, HEADER, ";") as rejects:
        rejects.add([reject("", "=1+1"), reject("a;b", 'Zoë "Z"', "extra")])

    assert path.read_bytes().decode("utf-8-sig").splitlines() == [
        "reject_row;reject_code;reject_reason;Email;First Name",
        "7;email_missing;There is none.;;'=1+1",
        '7;email_missing;There is none.;"a;b";"Zoë ""Z""";extra',
    ]


def test_rows_are_there_before_the_file_is_closed(tmp_path: Path) -> None:
    """A crash after a page keeps that page's rejects."""
    path = tmp_path / "rejects.csv"
    with RejectsFile(path, HEADER, ",") as rejects:
        for rows in (1, 2):
            rejects.add([reject("", "Ann")])

            with path.open(encoding="utf-8-sig", newline="") as file:
                assert len(list(csv.reader(file))) == 1 + rows


def test_there_is_no_file_when_nothing_is_rejected(tmp_path: Path) -> None:
    """Its absence is good news; a failed import leaves none either."""
    with RejectsFile(tmp_path / "rejects.csv", HEADER, ","):
        pass
    with pytest.raises(ZeroDivisionError), RejectsFile(tmp_path / "rejects.csv", HEADER, ","):
        _ = 1 // 0

    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """What is there may be a rejects file that somebody has half corrected."""
    source = tmp_path / "list.csv"
    names = []
    for _ in range(3):
        path = free_rejects_path(source)
        path.write_text("mine")
        names.append(path.name)

    with pytest.raises(Conflict) as refusal, RejectsFile(path, HEADER, ","):
        pass
    assert refusal.value.code == "rejects_exist"
    assert names == ["list.rejects.csv", "list.rejects-2.csv", "list.rejects-3.csv"]
    assert path.read_text() == "mine"


def test_a_place_that_cannot_be_written_is_found_out_at_once(tmp_path: Path) -> None:
    """Before any contact is added."""
    with (
        pytest.raises(Unavailable) as refusal,
        RejectsFile(tmp_path / "absent" / "rejects.csv", HEADER, ","),
    ):
        pass

    assert refusal.value.code == "rejects_unwritable"


def test_bytes_that_were_no_text_come_back_as_they_were(tmp_path: Path) -> None:
    """Whoever corrects the row sees what the file had."""
    path = tmp_path / "rejects.csv"
    with RejectsFile(path, HEADER, ",") as rejects:
        rejects.add([reject("a@x.test", "Ren\udce9"), reject("b@x.test", "\0")])
        rejects.add([reject("c@x.test", "\ud800")])

    content = path.read_bytes()
    assert b"Ren\xe9\r\n" in content
    assert b"b@x.test,\0\r\n" in content
    assert b"c@x.test,?\r\n" in content


def test_the_original_columns_alone_are_read_back(tmp_path: Path) -> None:
    """Even where the columns in front were moved, as spreadsheets' users do."""
    path = tmp_path / "rejects.csv"
    path.write_text("Email,reject_code,First Name,reject_reason,reject_row\na@x.test,x,'=A,y,3\n")
    sheet = open_sheet(path)
    (page,) = sheet.pages()

    assert sheet.header == ["Email", "First Name"]
    assert page.rows == [["a@x.test", "=A"]]
