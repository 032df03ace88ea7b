"""Which leads of a request are sound: the validation in front of every lead route."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from contracts.bison.stub import refusals
from contracts.bison.stub.records import Workspace, one_of_a_name
from contracts.bison.stub.switches import Switches

Row = dict[str, Any]
Errors = dict[str, list[str]]

# Format only: the API looks up no mail server when a lead is created.
_EMAIL = re.compile(r'[^\s@,;:<>"()]+@[^\s@,;:<>"()]+\.[^\s@,;:<>"().]+')
_OPTIONAL = ("last_name", "title", "company", "notes")
_TEXT = frozenset({str, type(None)})
_ROWS = frozenset({list, type(None)})
_NO_NAME = frozenset({"", None})


def chunk(body: Mapping[str, Any], switches: Switches) -> list[Row]:
    """Take the leads out of a request.

    Raises:
        Refusal: 422, there are none or more than 500.

    """
    rows = body.get("leads")
    if not rows:
        raise refusals.validation({"leads": ["The leads field is required."]})
    if not isinstance(rows, list):
        raise refusals.validation({"leads": ["The leads field must be an array."]})
    if len(rows) <= refusals.MAX_LEADS:
        return rows
    if switches.over_limit == "truncate":
        return rows[: refusals.MAX_LEADS]
    raise refusals.too_many(switches.over_limit)


def sound_rows(rows: list[Any], switches: Switches, refused: Mapping[str, str]) -> dict[str, Row]:
    """Check the leads and key them by lower-cased address.

    An address that stands twice is one lead, silently; its last row stands.

    Raises:
        Refusal: 422 for the whole request, if a row is invalid and the switches do not skip it.

    """
    strict = switches.last_name_required
    sound: dict[str, Row] = {}
    errors: Errors = {}

    for index, row in enumerate(rows):
        if plainly_sound(row) and not (strict or row["email"].lower() in refused):
            sound[row["email"].lower()] = row
            continue

        wrong = row_errors(row, switches, refused)
        if not wrong:
            sound[row["email"].lower()] = normal(row)
        errors.update(_located(wrong, f"leads.{index}."))

    if errors and switches.invalid_rows != "skip":
        raise _refuse(errors, switches)
    return sound


def single_row(row: Row, switches: Switches, refused: Mapping[str, str]) -> Row:
    """Check the lead of a request that is about this one only, and bring it into normal form.

    Raises:
        Refusal: 422, it is invalid.

    """
    wrong = row_errors(row, switches, refused)
    if wrong:
        raise refusals.validation(_located(wrong, ""))
    return normal(row)


def normal(row: Row) -> Row:
    """Bring a sound row into the form it is kept in: one ``{name, value}`` a custom variable."""
    variables = row.get("custom_variables")
    return {**row, "custom_variables": one_of_a_name(variables)} if variables else row


def plainly_sound(row: Any) -> bool:
    """Say at a glance that a lead is sound and in normal form.

    ``False`` decides nothing: it sends the row to ``row_errors``.

    Almost all leads are sound, and naming what might be wrong with each costs twice as much as
    all the rest of a request.
    """
    try:
        get, first, variables = row.get, row["first_name"], row.get("custom_variables")
        if variables:
            names = {each["name"] for each in variables if len(each) == 2}
            texts = {type(text) for each in variables for text in each.values()}
            if len(names) != len(variables) or not texts <= _TEXT or names & _NO_NAME:
                return False
        return (
            type(first) is str
            and first.strip() != ""
            and type(get("last_name")) in _TEXT
            and type(get("title")) in _TEXT
            and type(get("company")) in _TEXT
            and type(get("notes")) in _TEXT
            and _EMAIL.fullmatch(row["email"]) is not None
            and type(variables) in _ROWS
        )
    except (AttributeError, KeyError, TypeError):
        return False


def row_errors(row: Any, switches: Switches, refused: Mapping[str, str]) -> Mapping[str, str]:
    """Name the fields of one lead that are wrong; ``{path}`` in a message is the field's path."""
    if not isinstance(row, dict):
        return {"email": "The {path} field is required."}

    wrong: dict[str, str] = {}
    required = ("first_name", "last_name") if switches.last_name_required else ("first_name",)
    for name in required:
        value = row.get(name)
        if not isinstance(value, str) or not value.strip():
            wrong[name] = "The {path} field is required."

    email = row.get("email")
    if not email:
        wrong["email"] = "The {path} field is required."
    elif not isinstance(email, str) or not _EMAIL.fullmatch(email):
        wrong["email"] = "The {path} field must be a valid email address."
    elif refused and email.lower() in refused:
        wrong["email"] = refused[email.lower()]

    for name in _OPTIONAL:
        if row.get(name) is not None and type(row[name]) is not str:
            wrong[name] = "The {path} field must be a string."
    if row.get("custom_variables"):
        wrong.update(_variable_errors(row["custom_variables"]))
    return wrong


def _variable_errors(variables: Any) -> dict[str, str]:
    """Refuse anything but a list of ``{name, value}``; a map is taken for rows without names."""
    if isinstance(variables, dict):
        return {
            f"custom_variables.{key}.name": "The {path} field is required." for key in variables
        }
    if not isinstance(variables, list):
        return {"custom_variables": "The {path} field must be an array."}

    wrong: dict[str, str] = {}
    for index, variable in enumerate(variables):
        name = variable.get("name") if isinstance(variable, dict) else None
        if not name or type(name) is not str:
            wrong[f"custom_variables.{index}.name"] = "The {path} field is required."
        elif type(variable.get("value")) not in _TEXT:
            wrong[f"custom_variables.{index}.value"] = "The {path} field must be a string."
    return wrong


def _located(wrong: Mapping[str, str], prefix: str) -> Errors:
    """Give the fields the paths under which a refusal names them."""
    paths = {f"{prefix}{name}": message for name, message in wrong.items()}
    return {path: [message.replace("{path}", path)] for path, message in paths.items()}


def _refuse(errors: Errors, switches: Switches) -> refusals.Refusal:
    if switches.invalid_rows == "indexed":
        return refusals.validation(errors)
    return refusals.validation({"leads": ["The leads field contains an invalid lead."]})


def require_variables(rows: Iterable[Row], workspace: Workspace, status: int) -> None:
    """Check that the workspace has every custom variable that a row refers to.

    Raises:
        Refusal: for the whole request, at the first variable that is missing. Names are compared
            as they are: stored ones are lower-case, so a reference in capitals misses.

    """
    known = workspace.variables
    for row in rows:
        for variable in row.get("custom_variables") or ():
            if variable["name"] not in known:
                raise refusals.missing_variable(variable["name"], status)
