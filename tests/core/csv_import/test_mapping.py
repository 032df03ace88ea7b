"""Headers: found by known names, said by the user, suggested, and never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maverick_core.kernel.errors import Rejected
from maverick_core.pipeline.csv_import.mapping import (
    ALIASES,
    FIELDS,
    Choices,
    map_columns,
    variable_name,
)

NONE = Choices()


@pytest.mark.parametrize(
    "email", ["Email", " E-MAIL ", "email_address", "Work Email", "\ufeffemail"]
)
@pytest.mark.parametrize("first", ["First Name", "first_name", "FNAME", "Given name"])
def test_usual_names_map_by_themselves(email: str, first: str) -> None:
    """Case, white space, marks and punctuation do not matter."""
    columns = map_columns(["Phone", first, email], NONE)

    assert columns.fields == {"email": 2, "first_name": 1}
    assert columns.ignored == ("Phone",)


def test_every_alias_is_a_field_in_letters_and_digits() -> None:
    """An alias that normalisation cannot produce would never match."""
    assert set(ALIASES.values()) == set(FIELDS)
    assert all(alias.isalnum() and alias == alias.lower() for alias in ALIASES)


def test_what_the_user_says_goes_before_what_names_suggest() -> None:
    """The column that merely has the name is then ignored, and said to be."""
    choices = Choices.parse(["Second=email", "Title=ignore"], [])
    columns = map_columns(["Email", "Second", "First", "Title"], choices)

    assert columns.fields == {"email": 1, "first_name": 2}
    assert columns.ignored == ("Email", "Title")


def test_a_column_kept_as_variable_is_no_field() -> None:
    """Variables are asked for by name, so they go first."""
    columns = map_columns(["Email", "First", "Title"], Choices.parse([], ["title"]))

    assert columns.fields == {"email": 0, "first_name": 1}
    assert columns.variables == {"title": 2}


def test_a_near_miss_is_suggested_and_not_mapped() -> None:
    """Cell # is not even suggested: it is as near to email as a cell phone is to mail."""
    columns = map_columns(["Email", "First", "Compnay", "Cell #"], NONE)

    assert "company" not in columns.fields
    assert columns.suggestions == {"Compnay": "company"}


def test_a_full_name_is_used_where_there_is_no_first_name_only() -> None:
    """Beside a first name it says nothing new."""
    assert map_columns(["Email", "Name"], NONE).fields == {"email": 0, "name": 1}
    assert map_columns(["Email", "Name", "First"], NONE).fields == {"email": 0, "first_name": 2}


@pytest.mark.parametrize(
    ("header", "maps", "variables", "code"),
    [
        (["First"], [], [], "email_column_missing"),
        (["Email"], [], [], "first_name_column_missing"),
        (["Email", "Mail", "First"], [], [], "ambiguous_columns"),
        (["Email", "First", "Notes", "Comments"], [], [], "ambiguous_columns"),
        (["Email", "First", "A", "a"], ["A=title", "a=title"], [], "ambiguous_columns"),
        (["Email", "First", "A", "A"], [], ["A"], "ambiguous_columns"),
        (["Email", "First"], ["Mobile=notes"], [], "unknown_column"),
        (["Email", "First"], [], ["Mobile"], "unknown_column"),
        (["Email", "First", "A"], ["A=notes"], ["A"], "bad_mapping"),
        (["Email", "First", "A"], [], ["A", "A"], "bad_mapping"),
        (["Email", "First", "A b", "A-b"], [], ["A b", "A-b"], "bad_mapping"),
        (["Email", "First", "#"], [], ["#"], "bad_variable"),
        (["ann@x.test", "Ann"], [], [], "header_missing"),
        ([], [], [], "email_column_missing"),
    ],
)
def test_a_header_that_cannot_be_understood_is_refused(
    header: list[str], maps: list[str], variables: list[str], code: str
) -> None:
    """With the columns that were found and what to write; no column is guessed."""
    with pytest.raises(Rejected) as refusal:
        map_columns(header, Choices.parse(maps, variables))

    assert refusal.value.code == code
    assert refusal.value.remedy
    assert "ann@x.test" not in str(refusal.value)


def test_a_refusal_lists_the_columns_and_names_the_likely_one() -> None:
    """Somebody who reads it can write the option at once."""
    with pytest.raises(Rejected) as refusal:
        map_columns(["Emial", "First"], NONE)

    assert "'Emial', 'First'" in str(refusal.value)
    assert refusal.value.remedy == 'Say which column it is: --map "Emial=email".'


@pytest.mark.parametrize(
    ("text", "code"),
    [("Email", "bad_mapping"), ("=email", "bad_mapping"), ("A=age", "unknown_field")],
)
def test_an_option_that_makes_no_sense_is_refused(text: str, code: str) -> None:
    """Before any file is read."""
    with pytest.raises(Rejected) as refusal:
        Choices.parse([text], [])

    assert refusal.value.code == code


def test_an_equals_sign_in_a_columns_name_is_no_trouble() -> None:
    """The last one separates the field."""
    columns = map_columns(["a=b", "First"], Choices.parse(["a=b=email"], []))

    assert columns.fields["email"] == 0


@given(header=st.lists(st.text(st.characters())), column=st.text(st.characters()))
def test_any_header_is_understood_or_refused(header: list[str], column: str) -> None:
    """Never another exception, and never a character that a terminal trips over."""
    try:
        columns = map_columns([*header, "Email", "First Name"], Choices(variables=[column]))
    except Rejected as refusal:
        shown = [str(refusal)]
    else:
        shown = list(columns.header)

    assert all(name.isprintable() for name in shown)


@given(name=st.text(st.characters()))
def test_a_variables_name_is_lower_case_and_stable(name: str) -> None:
    """Email Bison stores names in lower case, so another case would be another name to us only."""
    try:
        variable = variable_name(name)
    except Rejected:
        return

    assert variable_name(variable) == variable == variable.lower()
    assert set(variable) <= set("abcdefghijklmnopqrstuvwxyz0123456789_ ")
