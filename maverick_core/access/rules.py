"""Roles, scopes and keys (reliability.md, checklist 4 and 5; pages.md, HTTP API).

A key belongs to one workspace, or to none and then reaches all of them. What a caller may not
reach does not exist for them: a foreign workspace is *missing*, never *forbidden*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """One kind of thing that a key allows."""

    WORKSPACES_READ = "workspaces:read"
    """See workspaces and their holds."""
    WORKSPACES_WRITE = "workspaces:write"
    """Add and change workspaces."""
    CONTACTS_READ = "contacts:read"
    """See contacts and the way of each."""
    BATCHES_READ = "batches:read"
    """See batches, their contacts and their rejects."""
    BATCHES_WRITE = "batches:write"
    """Plan, re-queue and cancel batches."""
    TARGETS_READ = "targets:read"
    """See targets, their history and the forecast."""
    TARGETS_WRITE = "targets:write"
    """Set targets."""
    TOKENS_READ = "tokens:read"
    """See the state of Bison tokens, never a token."""
    TOKENS_WRITE = "tokens:write"
    """Replace and test Bison tokens."""
    OPERATIONS_READ = "operations:read"
    """See jobs, the topology, operations and metrics."""
    AUDIT_READ = "audit:read"
    """See the audit log."""


class Role(StrEnum):
    """What a key's holder is."""

    ADMIN = "admin"
    """Everything."""
    OPERATOR = "operator"
    """Everything but tokens and the audit log."""
    VIEWER = "viewer"
    """Sees what an operator sees, changes nothing."""
    CLIENT = "client"
    """Sees its own workspace's batches, contacts and targets; always bound to one workspace."""


_READS: Final = frozenset(
    {
        Scope.WORKSPACES_READ,
        Scope.CONTACTS_READ,
        Scope.BATCHES_READ,
        Scope.TARGETS_READ,
        Scope.TOKENS_READ,
        Scope.OPERATIONS_READ,
    }
)
SCOPES: Final[Mapping[Role, frozenset[Scope]]] = {
    Role.ADMIN: frozenset(Scope),
    Role.OPERATOR: _READS | {Scope.WORKSPACES_WRITE, Scope.BATCHES_WRITE, Scope.TARGETS_WRITE},
    Role.VIEWER: _READS,
    Role.CLIENT: frozenset(
        {Scope.WORKSPACES_READ, Scope.CONTACTS_READ, Scope.BATCHES_READ, Scope.TARGETS_READ}
    ),
}
"""What each role allows at most; a key may allow less."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as authentication found out. ``slug`` is None where every workspace is in reach."""

    key_id: int
    name: str
    role: Role
    scopes: frozenset[Scope]
    slug: str | None

    def reaches(self, slug: str) -> bool:
        """Say whether the workspace exists for this caller."""
        return self.slug in {None, slug}


@dataclass(frozen=True, slots=True)
class Key:
    """What may be shown of a key: never the key, only how it begins."""

    id: int
    name: str
    prefix: str
    role: Role
    scopes: frozenset[Scope]
    slug: str | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
