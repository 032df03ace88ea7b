"""Cells: what is cleaned away, what is refused, and how names are split."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maverick_core.kernel.text import BadText, clean_line, clean_lines
from maverick_core.pipeline.csv_import.cells import split_name
from maverick_core.pipeline.csv_import.formulas import neutralise, restore

TEXT = st.text(st.characters())  # control characters and lone surrogates included
FORMULA_LIKE = st.text(st.sampled_from("'=+-@ \t\r\nA1\uff1d"))


@pytest.mark.parametrize("clean", [clean_line, clean_lines])
@given(text=TEXT)
def test_cleaning_what_is_clean_changes_nothing(clean: Callable[[str], str], text: str) -> None:
    """Cleaning is idempotent, and what it returns can be stored anywhere."""
    try:
        once = clean(text)
    except BadText:
        return

    assert clean(once) == once == once.strip()
    assert unicodedata.is_normalized("NFC", once)
    once.encode()
    assert "\0" not in once


@given(text=TEXT)
def test_a_line_has_no_line_breaks(text: str) -> None:
    """Names, titles and companies are one line."""
    try:
        line = clean_line(text)
    except BadText:
        return

    assert len(line.splitlines()) <= 1
    assert "  " not in line


@pytest.mark.parametrize("code", [0x00, 0x07, 0x1B, 0x7F, 0x85, 0xD800, 0xDCE9, 0xFFFD])
def test_a_character_that_is_no_text_is_refused_wherever_it_stands(code: int) -> None:
    """It is never dropped: the name would be another one."""
    char = chr(code)
    for text in (char, f"An{char}n", f" {char}", f"Zoë{char}"):
        with pytest.raises(BadText):
            clean_line(text)
        with pytest.raises(BadText):
            clean_lines(text)


@pytest.mark.parametrize(
    ("cell", "line", "lines"),
    [
        ("  Ann\t Lee ", "Ann Lee", "Ann Lee"),
        ("Ann\r\nLee", "Ann Lee", "Ann\nLee"),
        ("a\n\n \nb", "a b", "a\nb"),
        ("Zoe\u0308\u00a0Lee", "Zoë Lee", "Zoë Lee"),
        ("\u00a0", "", ""),
    ],
)
def test_white_space_is_made_plain(cell: str, line: str, lines: str) -> None:
    """Only notes keep their line breaks."""
    assert (clean_line(cell), clean_lines(cell)) == (line, lines)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Ann Lee", ("Ann", "Lee")),
        ("Ann", ("Ann", "")),
        ("Ann Marie de la Vega", ("Ann", "Marie de la Vega")),
        ("Lee, Ann", ("Ann", "Lee")),
        ("Ann Lee, CPA", ("Ann", "Lee, CPA")),
        ("", ("", "")),
    ],
)
def test_a_full_name_is_split_at_its_first_word(name: str, parts: tuple[str, str]) -> None:
    """Unless it is written family name first."""
    assert split_name(name) == parts


@given(cell=TEXT | FORMULA_LIKE)
def test_a_neutralised_cell_is_harmless_and_comes_back_as_it_was(cell: str) -> None:
    """No spreadsheet takes it for a formula, and nothing is lost by the round trip."""
    safe = neutralise(cell)

    assert not safe.lstrip().startswith(("=", "+", "-", "@", "\uff1d"))
    assert restore(safe) == cell
