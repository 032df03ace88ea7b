"""What a handler needs of a request: its workspace, its JSON, and the faults on its rows."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

import falcon
import orjson

from contracts.bison.stub.records import Workspace
from contracts.bison.stub.state import Store

NOBODY: frozenset[str] = frozenset()

REFUSED = "bison_stub.refused"
SKIPPED = "bison_stub.skipped"
UNATTACHABLE = "bison_stub.unattachable"
WORKSPACE = "bison_stub.workspace"
ROUTE = "bison_stub.route"
CHUNK = "bison_stub.chunk"


def body_of(request: falcon.Request) -> dict[str, Any]:
    """Read the JSON object of a request; anything else counts as an empty one, as in Laravel."""
    try:
        body = orjson.loads(request.bounded_stream.read())
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def workspace_of(request: falcon.Request) -> Workspace:
    """Name the workspace that the request's token belongs to."""
    workspace: Workspace = request.env[WORKSPACE]
    return workspace


def refused_of(request: falcon.Request, store: Store) -> Mapping[str, str]:
    """Addresses to refuse as invalid, with the texts: the store's and this request's faults'."""
    scripted: Mapping[str, str] | None = request.env.get(REFUSED)
    return {**store.refused_emails, **scripted} if scripted else store.refused_emails


def skipped_of(request: falcon.Request) -> AbstractSet[str]:
    """Addresses this request's faults leave out of the answer in silence."""
    skipped: AbstractSet[str] = request.env.get(SKIPPED, NOBODY)
    return skipped


def unattachable_of(request: falcon.Request) -> AbstractSet[str]:
    """Addresses this request's faults treat as being in another sequence."""
    unattachable: AbstractSet[str] = request.env.get(UNATTACHABLE, NOBODY)
    return unattachable


def note_chunk(request: falcon.Request, first: object, rows: int) -> None:
    """Tell the request log which chunk this was: its first address (or id) and its size."""
    request.env[CHUNK] = (str(first).lower(), rows)
