"""Why a raw contact is filtered: stable codes, each with its sentence and what would change it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

KEPT: Final = "kept"
"""The code of a raw contact that passed every rule and is a candidate."""
WITHHELD: Final = "withheld"
"""What a code is shown as that could tell of other workspaces, to whoever sees one only."""


class FilterCode(StrEnum):
    """Why a raw contact is filtered, in the order in which the rules are asked."""

    EMAIL_MISSING = "email_missing"
    EMAIL_TOO_LONG = "email_too_long"
    EMAIL_BAD_CHARACTER = "email_bad_character"
    EMAIL_BAD_SYNTAX = "email_bad_syntax"
    SUPPRESSED_EMAIL = "suppressed_email"
    SUPPRESSED_DOMAIN = "suppressed_domain"
    LOOKALIKE_DOMAIN = "lookalike_domain"
    ROLE_ACCOUNT = "role_account"
    DISPOSABLE_DOMAIN = "disposable_domain"
    PERSONAL_DOMAIN = "personal_domain"
    BAD_CHARACTER = "bad_character"
    FIELD_TOO_LONG = "field_too_long"
    NOT_A_PERSON = "not_a_person"
    FIRST_NAME_MISSING = "first_name_missing"
    STATE_OUTSIDE = "state_outside"
    LINE_OF_BUSINESS_OUTSIDE = "line_of_business_outside"
    BLOCKED_WORD = "blocked_word"
    DUPLICATE_IN_WORKSPACE = "duplicate_in_workspace"
    DUPLICATE_IN_OTHER_WORKSPACE = "duplicate_in_other_workspace"
    DUPLICATE_IN_FILE = "duplicate_in_file"


class Words(NamedTuple):
    """What a code means, and what would change it."""

    meaning: str
    change: str


_CORRECT: Final = "Correct it at its source and import the row again."
_LIFT: Final = 'Nothing should. Where it is a mistake: "maverick suppressions remove".'
_RULE: Final = 'The workspace\'s rules: see "maverick filtering rules show".'
_NONE: Final = "Nothing has to: the mailbox is there once."

WORDS: Final[Mapping[FilterCode, Words]] = MappingProxyType(
    {
        FilterCode.EMAIL_MISSING: Words("There is no e-mail.", _CORRECT),
        FilterCode.EMAIL_TOO_LONG: Words("The e-mail is longer than mail allows.", _CORRECT),
        FilterCode.EMAIL_BAD_CHARACTER: Words(
            "The e-mail holds a space, or an invisible or control character.", _CORRECT
        ),
        FilterCode.EMAIL_BAD_SYNTAX: Words(
            "The e-mail is not written as name@domain.tld.", _CORRECT
        ),
        FilterCode.SUPPRESSED_EMAIL: Words("This mailbox must not be written to.", _LIFT),
        FilterCode.SUPPRESSED_DOMAIN: Words("Nobody at this domain must be written to.", _LIFT),
        FilterCode.LOOKALIKE_DOMAIN: Words(
            "The domain mixes alphabets, as those do that pass for another one.", _CORRECT
        ),
        FilterCode.ROLE_ACCOUNT: Words("The mailbox is a function's, not a person's.", _RULE),
        FilterCode.DISPOSABLE_DOMAIN: Words("The domain gives mailboxes for a moment.", _RULE),
        FilterCode.PERSONAL_DOMAIN: Words("The domain is a free mail provider's.", _RULE),
        FilterCode.BAD_CHARACTER: Words(
            "A field holds a broken or control character, or cells of the row are lost.", _CORRECT
        ),
        FilterCode.FIELD_TOO_LONG: Words("A field is longer than Email Bison takes.", _CORRECT),
        FilterCode.NOT_A_PERSON: Words("The name is a company's, not a person's.", _CORRECT),
        FilterCode.FIRST_NAME_MISSING: Words(
            "Email Bison wants a first name, and there is none.", _CORRECT
        ),
        FilterCode.STATE_OUTSIDE: Words("The state is not one the client works in.", _RULE),
        FilterCode.LINE_OF_BUSINESS_OUTSIDE: Words(
            "The line of business is not one the client works in.", _RULE
        ),
        FilterCode.BLOCKED_WORD: Words("A blocked word stands in name, title or company.", _RULE),
        FilterCode.DUPLICATE_IN_WORKSPACE: Words("The workspace has this mailbox already.", _NONE),
        FilterCode.DUPLICATE_IN_OTHER_WORKSPACE: Words(
            "Another workspace has this mailbox already.", _RULE
        ),
        FilterCode.DUPLICATE_IN_FILE: Words(
            "The same file or run has this mailbox in another row, which was kept.", _NONE
        ),
    }
)

_WITHHELD: Final = Words("The mailbox is not to be had for this workspace.", _RULE)


WITHHOLDS: Final = frozenset(
    {FilterCode.DUPLICATE_IN_WORKSPACE, FilterCode.DUPLICATE_IN_OTHER_WORKSPACE}
)
"""What ``WITHHELD`` stands for: a name for the second alone would say what it says."""


def shown_code(code: str, *, everywhere: bool) -> str:
    """Return the code as it is shown to whoever sees every workspace, or one only."""
    return WITHHELD if code in WITHHOLDS and not everywhere else code


def shown_codes(codes: Mapping[str, int], *, everywhere: bool) -> Mapping[str, int]:
    """Return counts by code, each code as it is shown."""
    shown: Counter[str] = Counter()
    for code, rows in codes.items():
        shown[shown_code(code, everywhere=everywhere)] += rows
    return shown


def words_of(code: str) -> Words:
    """Return what any code means that may be shown."""
    if code == WITHHELD:
        return _WITHHELD
    return WORDS[FilterCode(code)]
