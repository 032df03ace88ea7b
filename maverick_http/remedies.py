"""What to do about an error, for whoever meets it over HTTP.

Errors are raised far inside, and most of their remedies hold everywhere. Some name a command: here
is what to do instead, by the error's code. Where nothing is written down, nothing is said: the page
that a problem's ``type`` points to explains the code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from maverick_http.routes import API

_COMMANDS: Final = re.compile(r"\bmaverick [a-z]|(?<!\w)--[a-z]")
"""How the command line is spoken of: its name and a word, or an option."""

_NAME_A_COLUMN: Final = "Name the column in `fields`, with the field that it is."
_OF_THE_OPERATOR: Final = "Whoever runs Maverick has to set MAVERICK_SECRET_KEY."

REMEDIES: Final[Mapping[str, str]] = {
    "ambiguous_columns": _NAME_A_COLUMN,
    "bad_batch_name": f"GET {API}/batches lists them, for example B-000042.",
    "bad_mapping": "Name each column once, in `fields` or in `variables`.",
    "bad_secret_key": _OF_THE_OPERATOR,
    "bad_rules": f"GET {API}/workspaces/{{slug}}/filtering/rules shows some that are right.",
    "batch_missing": f"GET {API}/batches lists them.",
    "batch_over": f"GET {API}/batches/{{batch}}/contacts says what became of its contacts.",
    "batch_state": f"GET {API}/batches/{{batch}} shows how it stands.",
    "email_column_missing": _NAME_A_COLUMN,
    "first_name_column_missing": _NAME_A_COLUMN,
    "import_missing": f"GET {API}/workspaces/{{slug}}/imports lists them.",
    "import_state": f"GET {API}/workspaces/{{slug}}/imports/{{import_id}} shows how it stands.",
    "master_contact_missing": f"It follows what comes in when POST {API}/master/fills has it told.",
    "operation_missing": f"GET {API}/operations lists them.",
    "other_bison_workspace": "Send a token of the same workspace, or confirm with "
    "`replace_workspace`.",
    "secret_key_missing": _OF_THE_OPERATOR,
    "secret_key_wrong": "Whoever runs Maverick has to set MAVERICK_SECRET_KEY to the key that the "
    f"token was stored with. Or PUT {API}/workspaces/{{slug}}/bison-token stores it again.",
    "shared_bison_workspace": "Send a token of this client's own workspace, or confirm with "
    "`replace_workspace`.",
    "source_missing": f"GET {API}/workspaces/{{slug}}/sources lists them.",
    "target_missing": f"PUT {API}/workspaces/{{slug}}/targets/{{month}} sets one.",
    "token_missing": f"PUT {API}/workspaces/{{slug}}/bison-token stores one.",
    "unknown_field": "Any other column is kept when it is named in `variables`.",
    "workspace_missing": f"GET {API}/workspaces lists those that the key reaches.",
    "wrong_encoding": "Leave `encoding` out, or name another.",
}
"""By the error's code, where its own remedy speaks of commands."""


def remedy_over_http(code: str, remedy: str) -> str:
    """Return what to do, in words that name no command; empty where there are none."""
    return REMEDIES.get(code, "") if _COMMANDS.search(remedy) else remedy
