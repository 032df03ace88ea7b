"""What a row must be to become a contact, and the code it is rejected with otherwise.

Limits come from where the values go: Email Bison's seven lead fields, and what a database index and
an HTTP header can hold. A cell that looks like a formula is stored as it is; exports neutralise it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from maverick_core.kernel.email import BadEmail, normalise_email


class RejectCode(StrEnum):
    """Why a row of a file did not become a contact."""

    EMAIL_MISSING = "email_missing"
    EMAIL_BAD_SYNTAX = "email_bad_syntax"
    EMAIL_BAD_CHARACTER = "email_bad_character"
    EMAIL_TOO_LONG = "email_too_long"
    FIRST_NAME_MISSING = "first_name_missing"
    FIELD_TOO_LONG = "field_too_long"
    BAD_CHARACTER = "bad_character"
    RAGGED_ROW = "ragged_row"
    UNREADABLE = "unreadable"
    DUPLICATE_IN_FILE = "duplicate_in_file"
    DUPLICATE_IN_WORKSPACE = "duplicate_in_workspace"


REJECT_REASONS: Final[Mapping[RejectCode, str]] = MappingProxyType(
    {
        RejectCode.EMAIL_MISSING: "There is no e-mail in this row.",
        RejectCode.EMAIL_BAD_SYNTAX: "The e-mail is not written as name@domain.tld.",
        RejectCode.EMAIL_BAD_CHARACTER: "The e-mail holds an invisible or control character.",
        RejectCode.EMAIL_TOO_LONG: "The e-mail is longer than mail systems allow.",
        RejectCode.FIRST_NAME_MISSING: "Email Bison wants a first name, and this row has none.",
        RejectCode.FIELD_TOO_LONG: "A field is longer than Email Bison is sent.",
        RejectCode.BAD_CHARACTER: "A field holds a NUL, a lone surrogate or a control character.",
        RejectCode.RAGGED_ROW: "The row has more or fewer cells than the header.",
        RejectCode.UNREADABLE: "The row cannot be read as CSV.",
        RejectCode.DUPLICATE_IN_FILE: "The same mailbox stands further up in this file.",
        RejectCode.DUPLICATE_IN_WORKSPACE: "The workspace has this mailbox already.",
    }
)

FIELD_LIMITS: Final[Mapping[str, int]] = MappingProxyType(
    {"first_name": 255, "last_name": 255, "title": 255, "company": 255, "notes": 4_000}
)
VARIABLE_LIMIT: Final = 1_000  # characters in one custom variable

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
_NOT_A_LETTER = re.compile(r"[^a-z0-9]+")
