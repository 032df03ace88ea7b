"""What the stub holds: workspaces with their leads, campaigns and custom variables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import orjson

NO_MEMBERSHIPS: Mapping[int, str] = MappingProxyType({})
NO_VARIABLES = "[]"

RUNNING = frozenset({"launching", "queued", "active"})
"""Campaign statuses in which a member is in a sequence."""

VariableRow = dict[str, Any]
"""A custom variable of a lead on the wire: ``{name, value}``."""


class Lead:
    """One lead of one workspace; slots, because a benchmark holds millions of them.

    Its custom variables are kept as the JSON they are shown as: smaller than dictionaries, and
    nothing to render for an answer.
    """

    __slots__ = (
        "company",
        "created_at",
        "email",
        "first_name",
        "id",
        "last_name",
        "memberships",
        "notes",
        "pushes",
        "status",
        "title",
        "updated_at",
        "variables",
    )

    def __init__(self, lead_id: int, email: str, stamp: str) -> None:
        self.id = lead_id
        self.email = email
        self.first_name: str | None = None
        self.last_name: str | None = None
        self.title: str | None = None
        self.company: str | None = None
        self.notes: str | None = None
        self.status = "unverified"
        self.variables = NO_VARIABLES
        self.memberships = NO_MEMBERSHIPS
        self.pushes = 0
        self.created_at = stamp
        self.updated_at = stamp

    def replace(self, row: Mapping[str, Any], stamp: str) -> None:
        """Put: take every field from the row; what the row omits is wiped."""
        get = row.get
        self.first_name = get("first_name")
        self.last_name = get("last_name")
        self.title = get("title")
        self.company = get("company")
        self.notes = get("notes")
        variables = get("custom_variables")
        self.variables = _rendered(variables) if variables else NO_VARIABLES
        self.updated_at = stamp

    def patch(self, row: Mapping[str, Any], stamp: str) -> None:
        """Patch: take the fields the row has; ``custom_variables: []`` clears the variables."""
        if "first_name" in row:
            self.first_name = row["first_name"]
        if "last_name" in row:
            self.last_name = row["last_name"]
        if "title" in row:
            self.title = row["title"]
        if "company" in row:
            self.company = row["company"]
        if "notes" in row:
            self.notes = row["notes"]
        if "custom_variables" in row:
            self._patch_variables(row["custom_variables"])
        self.updated_at = stamp

    def _patch_variables(self, variables: list[VariableRow]) -> None:
        """Set the variables named and keep the others; none named means none kept."""
        if not variables:
            self.variables = NO_VARIABLES
            return

        given = _rendered(variables)
        if self.variables not in (given, NO_VARIABLES):
            given = _rendered(one_of_a_name([*orjson.loads(self.variables), *variables]))
        self.variables = given

    def join(self, campaign_id: int, status: str) -> None:
        """Record the lead's status in a campaign, whether it was a member or not."""
        self.memberships = {**self.memberships, campaign_id: status}


def _rendered(variables: list[VariableRow]) -> str:
    """Render custom variables to be kept.

    As text, because orjson shrinks a kilobyte to make its bytes: kept by the hundred thousand,
    the holes between them take three times the memory of all the rest.
    """
    return orjson.dumps(variables).decode()


def one_of_a_name(variables: list[VariableRow]) -> list[VariableRow]:
    """Bring custom variables into the form they are kept in: of two the later value stands."""
    by_name = {variable["name"]: variable.get("value") for variable in variables}
    return [{"name": name, "value": value} for name, value in by_name.items()]


@dataclass(slots=True)
class Campaign:
    """One campaign; ``unsynced`` members are those ``total_leads`` does not show yet."""

    id: int
    name: str
    created_at: str
    kind: str = "outbound"
    status: str = "draft"
    members: dict[int, Lead] = field(default_factory=dict)
    unsynced: int = 0


@dataclass(slots=True)
class Variable:
    """One custom variable; its name is lower-case."""

    id: int
    name: str
    created_at: str


@dataclass(slots=True)
class Workspace:
    """One workspace: leads are unique by lower-cased e-mail, ids are unique over all workspaces."""

    id: int
    name: str
    leads: dict[str, Lead] = field(default_factory=dict)
    leads_by_id: dict[int, Lead] = field(default_factory=dict)
    campaigns: dict[int, Campaign] = field(default_factory=dict)
    variables: dict[str, Variable] = field(default_factory=dict)
