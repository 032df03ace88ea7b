"""Rows out of lines: nothing is lost, nothing huge is held, nothing takes quadratic time."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from maverick_adapters.csv_files.records import LONGEST_LINE, Unreadable, read_records

MESS = st.text(st.sampled_from('ab,;"\n\r\0é '), max_size=80)
CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)


def rows_of(text: str, width: int = 2) -> list[list[str]]:
    return list(read_records(io.StringIO(text, newline=""), ",", width))


@given(rows=st.lists(st.lists(CELLS, min_size=3, max_size=3)))
def test_what_is_csv_is_read_as_it_was_written(rows: list[list[str]]) -> None:
    """Quoted delimiters, quotes and line breaks included."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)

    assert rows_of(text.getvalue(), width=3) == rows


@given(text=MESS)
@example(text='a,"b\n\r\n"c,"\n')
def test_every_line_ends_up_in_some_row(text: str) -> None:
    """Whatever the quotes do, the letters that were read are the letters of the file."""
    read = "".join(cell for row in rows_of(text) for cell in row)

    assert [char for char in read if char in "abé;\0"] == [c for c in text if c in "abé;\0"]


@given(head=MESS, count=st.integers(1, 30))
def test_good_rows_below_a_mess_are_read(head: str, count: int) -> None:
    """No mess costs a row that has no quotes, except one that a stray quote makes its own cell."""
    good = [[f"x{n}", f"y{n}", f"z{n}"] for n in range(count)]
    text = head + "\n" + "".join(",".join(row) + "\n" for row in good)

    assert rows_of(text, width=3)[-count:] == good


@pytest.mark.parametrize("size", [1_000_000, LONGEST_LINE - 2, LONGEST_LINE, 3 * LONGEST_LINE])
def test_a_huge_cell_costs_its_own_row_at_most(size: int) -> None:
    """A megabyte is still a cell; a line past the limit is named by its beginning."""
    before, huge, after = rows_of(f"a,b\n{'x' * size},c\nd,e\n")

    assert (before, after) == (["a", "b"], ["d", "e"])
    assert huge == ["x" * size, "c"] if size < LONGEST_LINE - 2 else type(huge) is Unreadable


def test_an_open_quote_above_many_rows_costs_no_row_of_them() -> None:
    """It swallows four million characters before it is found out, and they are read again."""
    good = "name@x.test,Ann\n"
    rows = rows_of('open@x.test,"Bob\n' + good * 400_000)

    assert type(rows[0]) is Unreadable
    assert len(rows) == 400_001
    assert all(row == ["name@x.test", "Ann"] for row in rows[1:])


@pytest.mark.timeout(60)
@pytest.mark.parametrize("line", ['x","\n', '"\n', '"x\n', '""",\n', '","\n'])
def test_no_pattern_of_quotes_takes_quadratic_time(line: str) -> None:
    """A second or two; reading again up to the limit at each of these lines would take hours."""
    file = io.StringIO(line * 100_000, newline="")

    assert sum(1 for _ in read_records(file, ",", 3)) <= 100_000


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", ""])
def test_every_line_end_will_do(end: str) -> None:
    """The last row needs none at all."""
    assert rows_of(f"a,b{end or chr(10)}c,d{end}") == [["a", "b"], ["c", "d"]]


def test_an_empty_file_has_no_rows() -> None:
    """Not even an empty one."""
    assert rows_of("") == []
