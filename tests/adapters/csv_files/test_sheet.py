"""What is found out about a file, and what is refused, before anything is imported."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maverick_adapters.csv_files import open_sheet
from maverick_adapters.csv_files.delimiter import detect_delimiter
from maverick_adapters.csv_files.files import _translated
from maverick_adapters.csv_files.sheet import PAGE_BYTES
from maverick_core.kernel.errors import MaverickError, Missing, Rejected, Unavailable

LIST = "Email,First Name\nzoe@x.test,Zoë\n"


def written(directory: Path, content: bytes) -> Path:
    path = directory / "list.csv"
    path.write_bytes(content)
    return path


@contextmanager
def refused(kind: type[MaverickError], code: str) -> Iterator[None]:
    with pytest.raises(kind) as refusal:
        yield

    assert refusal.value.code == code
    assert refusal.value.remedy


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_an_encoding_is_recognised(encoding: str, tmp_path: Path) -> None:
    """By its mark, by its NULs, as UTF-8, or for want of anything better."""
    (page,) = open_sheet(written(tmp_path, (LIST * 9).encode(encoding))).pages()

    assert page.rows[0] == ["zoe@x.test", "Zoë"]


@pytest.mark.parametrize("encoding", ["mac-roman", "cp437", "shift_jis", "UTF16"])
def test_the_user_knows_better(encoding: str, tmp_path: Path) -> None:
    """What --encoding says is not doubted; its letters are."""
    text = LIST.replace("ë", "")
    (page,) = open_sheet(written(tmp_path, text.encode(encoding)), encoding=encoding).pages()

    assert page.rows == [["zoe@x.test", "Zo"]]


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "hex", "undefined", "utf\0"])
def test_an_encoding_that_is_none_is_refused(encoding: str, tmp_path: Path) -> None:
    """Also one that Python knows but that makes no text of bytes."""
    with refused(Rejected, "unknown_encoding"):
        open_sheet(written(tmp_path, b"a,b\n"), encoding=encoding)


@given(content=st.binary(max_size=200), encoding=st.sampled_from(["utf-16", "utf-8", "shift_jis"]))
def test_any_bytes_are_read_or_refused(
    content: bytes, encoding: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """With a clear error, whether the encoding was said or not."""
    path = written(tmp_path_factory.getbasetemp(), content)
    for said in (None, encoding):
        with suppress(Rejected):
            sheet = open_sheet(path, encoding=said)

            assert all(page.rows for page in sheet.pages())


@pytest.mark.parametrize(
    ("lines", "delimiter"),
    [
        (["a;b,c;d\n", "1;2;3\n", "1,5;2;3\n"], ";"),
        (["a,b\n", "1;2,3\n"], ","),
        (["a\tb\n", "x, y\tz\n"], "\t"),
        (["a|b|c\n", "1,2|3|4\n"], "|"),
        (["only\n", "one\n"], ","),
        ([], ","),
    ],
)
def test_the_delimiter_is_the_one_under_which_rows_are_regular(
    lines: list[str], delimiter: str
) -> None:
    """The header alone would often leave it open."""
    assert detect_delimiter(lines) == delimiter


@pytest.mark.parametrize("said", ["tab", "\t", "\\t"])
def test_a_delimiter_can_be_named(said: str, tmp_path: Path) -> None:
    """A tab is hard to type."""
    sheet = open_sheet(written(tmp_path, b"a,b\tc\n"), delimiter=said)

    assert sheet.header == ("a,b", "c")


@pytest.mark.parametrize("said", ["::", '"', "\n", "a", " "])
def test_a_delimiter_that_cannot_be_one_is_refused(said: str, tmp_path: Path) -> None:
    """It would make nonsense of every row."""
    with refused(Rejected, "bad_delimiter"):
        open_sheet(written(tmp_path, b"a,b\n"), delimiter=said)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A directory, nothing at all, a pipe (which cannot be read twice)."""
    os.mkfifo(tmp_path / "pipe")
    with refused(Rejected, "not_a_file"):
        open_sheet(tmp_path)
    with refused(Rejected, "not_a_file"):
        open_sheet(tmp_path / "pipe")
    with refused(Rejected, "not_a_file"):
        open_sheet(tmp_path / "pipe", encoding="utf-8")
    with refused(Missing, "file_missing"):
        open_sheet(tmp_path / "absent.csv")
    with refused(Missing, "file_missing"):
        open_sheet(written(tmp_path, b"") / "below.csv")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), Rejected),
        (OSError(errno.EIO, "Input/output error"), Unavailable),
        (OSError(errno.ELOOP, "Too many links"), Unavailable),
    ],
)
def test_what_the_system_refuses_is_said_in_words(
    error: OSError, kind: type[MaverickError]
) -> None:
    """Root may read everything, so the table is asked directly."""
    refusal = _translated(Path("list.csv"), error)

    assert type(refusal) is kind
    assert refusal.code == "file_unreadable"


def test_a_page_of_huge_rows_ends_early(tmp_path: Path) -> None:
    """Five thousand rows of a megabyte are never held at once."""
    row = b"a@x.test," + b"x" * 1_000_000 + b"\n"
    pages = list(open_sheet(written(tmp_path, b"Email,Phone\n" + row * 60)).pages())

    sizes = [sum(len(cell) for row in page.rows for cell in row) for page in pages]
    assert sum(len(page.rows) for page in pages) == 60
    assert max(sizes) < 4 * PAGE_BYTES
    assert [page.first_row for page in pages] == [2, 27, 52]
    assert [page.read for page in pages] == sorted(page.read for page in pages)
    assert pages[-1].read == 1.0


def test_a_file_that_goes_away_while_it_is_read_is_said_to(tmp_path: Path) -> None:
    """Between the look at it and the import."""
    path = written(tmp_path, b"Email,First\n")
    sheet = open_sheet(path)
    path.unlink()

    with refused(Missing, "file_missing"):
        list(sheet.pages())
