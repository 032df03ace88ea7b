"""Which column of a file is which field: said by the user, or written as one of the known names.

A name that is only nearly right is suggested and never guessed: "Cell #" is as near to "email" as
many a typing error is. By difflib: it finds 146 of 150 typing errors, rapidfuzz 3.14 at 85 finds
125 (ratio) or 115 (WRatio, 14 more as the wrong field); at 80 ratio and difflib answer alike.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from maverick_core.kernel.email import BadEmail, normalise_email
from maverick_core.kernel.errors import Rejected
from maverick_core.pipeline.csv_import.rules import VARIABLE_NAME_LIMIT

FIELDS: Final = ("email", "first_name", "last_name", "name", "title", "company", "notes")
"""What a column can be. ``name`` is a full name, split where the file has no first names."""

IGNORE: Final = "ignore"  # what a column is mapped to so that it is left out

ALIASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        alias: field
        for field, aliases in {
            "email": "email emailaddress mail workemail businessemail primaryemail emailid",
            "first_name": "firstname fname first givenname forename",
            "last_name": "lastname lname last surname familyname",
            "name": "name fullname contactname contact",
            "title": "title jobtitle position role",
            "company": "company companyname organization organisation agency agencyname employer",
            "notes": "notes note comment comments remarks",
        }.items()
        for alias in aliases.split()
    }
)
"""Column names in letters and digits only, to the field that they mean."""

_NEAR: Final = 0.8  # difflib's ratio, from which a name is worth suggesting: "Frist Nmae" has 0.89
_SHOWN: Final = 40  # characters of a column's name that a message shows
_NOT_IN_ALIAS = re.compile(r"[^a-z0-9]+")
_NOT_IN_VARIABLE = re.compile(r"[^a-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Choices:
    """What the user said about columns: each to a field, and which to keep as variables."""

    fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    variables: Sequence[str] = ()

    @classmethod
    def parse(
        cls, maps: Sequence[str], variables: Sequence[str], *, known: Sequence[str] = FIELDS
    ) -> Choices:
        """Read ``Column=field`` pairs and column names as they stand on a command line.

        ``known`` are the fields that there are.

        Raises:
            Rejected: ``bad_mapping``, or ``unknown_field``.

        """
        fields = {}
        for text in maps:
            column, equals, name = text.rpartition("=")
            if not equals or not column.strip():
                raise Rejected(
                    f"{_shown(text)!r} does not map a column to a field.",
                    code="bad_mapping",
                    remedy='Write it as --map "Column=field".',
                )
            fields[column] = _known_field(name.strip().lower(), known)
        return cls(MappingProxyType(fields), tuple(variables))


@dataclass(frozen=True, slots=True)
class Columns:
    """A file's header, understood: where each field and each custom variable stands.

    ``ignored`` are the columns that are not imported, ``suggestions`` those of them whose names are
    nearly a field's, with that field.
    """

    header: tuple[str, ...]
    fields: Mapping[str, int]
    variables: Mapping[str, int]
    ignored: tuple[str, ...]
    suggestions: Mapping[str, str]


def map_columns(
    header: Sequence[str], choices: Choices, aliases: Mapping[str, str] = ALIASES
) -> Columns:
    """Find the fields in ``header``; what the user chose goes before what names suggest.

    Raises:
        Rejected: no e-mail or no first name can be found, two columns are the same field, or a
            choice names a column that is not there.

    """
    names = _names(header)
    chosen = _chosen_fields(names, choices.fields)
    variables = _variables(names, choices.variables, taken=chosen)
    spoken_for = {*chosen, *variables.values()}
    known = {field for field in chosen.values() if field != IGNORE}
    found = {
        at: field
        for at, name in enumerate(names)
        if at not in spoken_for and (field := aliases.get(plain_name(name))) and field not in known
    }
    fields = _one_each(names, {**chosen, **found})
    _check_complete(names, fields)
    used = {*fields.values(), *variables.values()}
    ignored = tuple(name for at, name in enumerate(names) if at not in used and name)
    return Columns(
        names, MappingProxyType(fields), MappingProxyType(variables), ignored, _near(ignored)
    )


def _names(header: Sequence[str]) -> tuple[str, ...]:
    names = [_clean(cell) for cell in header]
    while names and not names[-1]:  # the commas that a spreadsheet leaves at the end
        names.pop()
    return tuple(names)


def _clean(cell: str) -> str:
    """Leave nothing in a name that a terminal or a log could trip over."""
    words = unicodedata.normalize("NFC", cell).split()
    return "".join(char for char in " ".join(words) if char.isprintable())


def plain_name(name: str) -> str:
    """Return a column's name as aliases are written: letters and digits only."""
    return _NOT_IN_ALIAS.sub("", name.lower())


def _known_field(name: str, known: Sequence[str]) -> str:
    if name not in {*known, IGNORE}:
        raise Rejected(
            f"{_shown(name)!r} is not a field.",
            code="unknown_field",
            remedy=f"The fields are {', '.join(known)}, and {IGNORE} to leave a column out. "
            "Any other column is kept with --variable.",
        )
    return name


def _position(names: Sequence[str], column: str) -> int:
    wanted = _clean(column)
    exact = [at for at, name in enumerate(names) if name == wanted]
    found = exact or [at for at, name in enumerate(names) if name.lower() == wanted.lower()]
    if len(found) == 1:
        return found[0]
    if found:
        raise Rejected(
            f"The header has {len(found)} columns called {_shown(wanted)!r}.",
            code="ambiguous_columns",
            remedy="Rename all but one of them in the file.",
        )
    raise Rejected(
        f"The header has no column {_shown(wanted)!r}. {_found(names)}",
        code="unknown_column",
        remedy="Write the column's name as it stands in the header.",
    )


def _chosen_fields(names: Sequence[str], fields: Mapping[str, str]) -> dict[int, str]:
    chosen: dict[int, str] = {}
    for column, name in fields.items():
        at = _position(names, column)
        if at in chosen:
            raise _two_uses(names[at])
        chosen[at] = name
    return chosen


def _variables(
    names: Sequence[str], columns: Sequence[str], *, taken: Mapping[int, str]
) -> dict[str, int]:
    variables: dict[str, int] = {}
    for column in columns:
        at = _position(names, column)
        name = variable_name(names[at])
        if at in taken or name in variables:
            raise _two_uses(names[at])
        variables[name] = at
    return variables


def variable_name(column: str) -> str:
    """Return what a column is called as a custom variable: lower-case letters, digits, ``_``.

    Any other run of characters becomes one space. Email Bison stores names in lower case.

    Raises:
        Rejected: ``bad_variable``, nothing is left of the name, or too much.

    """
    name = _NOT_IN_VARIABLE.sub(" ", column.lower()).strip()
    if not name or len(name) > VARIABLE_NAME_LIMIT:
        raise Rejected(
            f"The column {_shown(column)!r} cannot be a custom variable's name.",
            code="bad_variable",
            remedy="Rename it with letters and digits in the file.",
        )
    return name


def _two_uses(column: str) -> Rejected:
    return Rejected(
        f"The column {_shown(column)!r} is given two uses, or its variable's name is taken.",
        code="bad_mapping",
        remedy="Name each column once, in --map or in --variable.",
    )


def _one_each(names: Sequence[str], fields: Mapping[int, str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for at, name in sorted(fields.items()):
        if name == IGNORE:
            continue
        if name in places:
            first, second = names[places[name]], names[at]
            raise Rejected(
                f"Two columns are {name}: {_shown(first)!r} and {_shown(second)!r}.",
                code="ambiguous_columns",
                remedy=f'Say which one it is: --map "{_shown(second)}={name}".',
            )
        places[name] = at
    if "first_name" in places:
        places.pop("name", None)  # a full name beside the first name says nothing new
    return places


def _check_complete(names: Sequence[str], fields: Mapping[str, int]) -> None:
    if "email" not in fields:
        _refuse_people_as_header(names)
        raise _lacks("email", names, "No column is the e-mail.")
    if not {"first_name", "name"} & fields.keys():
        raise _lacks("first_name", names, "No column is the first name, which Email Bison wants.")


def _refuse_people_as_header(names: Sequence[str]) -> None:
    """Refuse without showing them: these names are somebody's data."""
    for name in names:
        try:
            normalise_email(name)
        except BadEmail:
            continue
        raise Rejected(
            "The file has no header: an e-mail address stands in its first row.",
            code="header_missing",
            remedy="Put a row with the columns' names above the first contact.",
        )


def _lacks(wanted: str, names: Sequence[str], message: str) -> Rejected:
    near = next((name for name, field in _near(names).items() if field == wanted), None)
    meant = f" Is it {_shown(near)!r}?" if near else ""
    return Rejected(
        f"{message} {_found(names)}{meant}",
        code=f"{wanted}_column_missing",
        remedy=f'Say which column it is: --map "{_shown(near or "Column")}={wanted}".',
    )


def _near(names: Sequence[str]) -> Mapping[str, str]:
    near = {}
    for name in names:
        matches = difflib.get_close_matches(plain_name(name)[:_SHOWN], ALIASES, n=1, cutoff=_NEAR)
        if matches:
            near[name] = ALIASES[matches[0]]
    return MappingProxyType(near)


def _found(names: Sequence[str]) -> str:
    shown = ", ".join(repr(_shown(name)) for name in names[:_SHOWN])
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"The columns are {shown}{more}."


def _shown(name: str) -> str:
    return name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
