"""The pages of the codes that a batch fails with, and of those that a row is rejected with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from maverick_core.pipeline.batch import MAX_CLAIMS
from maverick_core.pipeline.csv_import.rules import REJECT_REASONS, RejectCode
from maverick_core.pipeline.lead import FIELD_LIMITS
from maverick_core.pipeline.upload.failures import GAVE_UP, REMEDIES
from tools.reference.markdown import code, document, table
from tools.reference.source import calls

_FROM_THE_DESTINATION: Final = frozenset({"Unauthorised", "Misconfigured"})

_BY_THE_MACHINE: Final = {
    "refused": "The destination refuses everybody for one reason, so the batch is at fault.",
    "attach_refused": "The campaign refuses everybody for one reason, so the campaign is at fault.",
    "too_many_claims": f"{MAX_CLAIMS} workers took the batch and none lived to end it.",
}

_IN_OUR_WORDS: Final = {
    "custom_variable_refused": "Email Bison does not make a custom variable that the leads have.",
    "custom_variable_missing": "Email Bison lacks a custom variable that the leads have.",
    "secret_key_wrong": "The stored token cannot be decrypted with the configured key.",
    "unexpected_answer": "Email Bison answered in a way that no rule knows.",
}

_FAILURES: Final = """
A batch that fails says why with one of these codes, a sentence, and what to do.
[A person sends it round again](../how-to/requeue-failed-batches.md); nothing does so by itself.
What Email Bison took before the failure stays counted and is not sent again.
"""

_REJECTS = """
A row of a list that does not become a contact goes into the rejects file.
The file keeps the row's original columns and adds `reject_code` and `reject_reason`.
Correct the cells and [import that file](../how-to/import-a-verified-list.md): a row is added once.
"""

FIXES: Final[Mapping[RejectCode, str]] = {
    RejectCode.EMAIL_MISSING: "Fill the e-mail in, or leave the row out.",
    RejectCode.EMAIL_BAD_SYNTAX: "Correct the e-mail: one `@`, a domain with a dot, no spaces.",
    RejectCode.EMAIL_BAD_CHARACTER: "Type the e-mail anew; what you see hides a character.",
    RejectCode.EMAIL_TOO_LONG: "Shorten it: at most 64 characters before the `@`, 254 in all.",
    RejectCode.FIRST_NAME_MISSING: "Fill the first name in; Email Bison refuses leads without one.",
    RejectCode.FIELD_TOO_LONG: "Shorten the cell of the column that the reason names.",
    RejectCode.BAD_CHARACTER: "Type the cell of the column that the reason names anew.",
    RejectCode.RAGGED_ROW: "Give the row as many cells as the header; quote cells with commas.",
    RejectCode.UNREADABLE: "Close the quote that is left open in the row, or split the row.",
    RejectCode.REPEATED_HEADER: "Nothing: it is no contact.",
    RejectCode.DUPLICATE_IN_FILE: "Nothing: the mailbox is in the list once already.",
    RejectCode.DUPLICATE_IN_WORKSPACE: "Nothing: the mailbox is in the workspace already.",
}


def page() -> str:
    """Return the page of the failure codes."""
    found = codes()
    rows = [(code(each), found[each], _remedy(each)) for each in sorted(found)]
    return document(
        "Failure codes", _FAILURES, table(("code", "what it means", "what to do"), rows)
    )


def codes() -> Mapping[str, str]:
    """Return every code that a batch can fail with, and what it means."""
    gave_up = {each: f"{text.removesuffix('.')}." for each, text in GAVE_UP.values()}
    return {**dict(_from_the_destination()), **gave_up, **_BY_THE_MACHINE, **_IN_OUR_WORDS}


def _from_the_destination() -> Iterator[tuple[str, str]]:
    for call in calls("maverick_adapters/bison", names=_FROM_THE_DESTINATION):
        match call.arguments:
            case [each, detail] if "{" not in each:
                yield each, _IN_OUR_WORDS.get(each, detail)


def _remedy(each: str) -> str:
    """Return the words that people meet."""
    return REMEDIES[each].format(slug="WORKSPACE")


def rejects_page() -> str:
    """Return the page of the reject codes."""
    rows = [(code(each), REJECT_REASONS[each], FIXES[each]) for each in RejectCode]
    limits = [(name, f"{limit:,} characters") for name, limit in FIELD_LIMITS.items()]
    return document(
        "Reject codes",
        _REJECTS,
        table(("code", "what it means", "what to do"), rows),
        "## How long a cell may be",
        table(("field", "limit"), limits),
    )
