"""Why a row of a file does not become a contact, and the limits that its cells keep to.

Limits come from where the values go: Email Bison's seven lead fields, and what a person could have
meant to type. A cell that looks like a formula is stored as it is; files we write neutralise it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from maverick_core.pipeline.lead import FIELD_LIMITS


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
    REPEATED_HEADER = "repeated_header"
    DUPLICATE_IN_FILE = "duplicate_in_file"
    DUPLICATE_IN_WORKSPACE = "duplicate_in_workspace"


REJECT_REASONS: Final[Mapping[RejectCode, str]] = MappingProxyType(
    {
        RejectCode.EMAIL_MISSING: "There is no e-mail in this row.",
        RejectCode.EMAIL_BAD_SYNTAX: "The e-mail is not written as name@domain.tld.",
        RejectCode.EMAIL_BAD_CHARACTER: (
            "The e-mail holds a space, or an invisible or control character."
        ),
        RejectCode.EMAIL_TOO_LONG: "The e-mail is longer than mail systems allow.",
        RejectCode.FIRST_NAME_MISSING: "Email Bison wants a first name, and this row has none.",
        RejectCode.FIELD_TOO_LONG: "A field is longer than is sent to Email Bison.",
        RejectCode.BAD_CHARACTER: "A field holds a NUL, a broken or a control character.",
        RejectCode.RAGGED_ROW: "The row has more or fewer cells than the header.",
        RejectCode.UNREADABLE: "The row is not CSV: a quote is left open or not doubled.",
        RejectCode.REPEATED_HEADER: "The header stands here again.",
        RejectCode.DUPLICATE_IN_FILE: "The same mailbox stands further up in this file.",
        RejectCode.DUPLICATE_IN_WORKSPACE: "The workspace has this mailbox already.",
    }
)

NAME_LIMIT: Final = FIELD_LIMITS["first_name"] + FIELD_LIMITS["last_name"]
VARIABLE_NAME_LIMIT: Final = 100  # characters in a custom variable's name


class BadRow(Exception):
    """The row is rejected; ``column`` names the cell at fault, where one is."""

    def __init__(self, code: RejectCode, column: str = "") -> None:
        """Only the code and the header's own words: nothing of the row itself."""
        super().__init__(code)
        self.code = code
        self.column = column

    @property
    def reason(self) -> str:
        """The code in words, with the column at fault."""
        where = f" (Column: {self.column})" if self.column else ""
        return REJECT_REASONS[self.code] + where
