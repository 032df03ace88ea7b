"""Roles, scopes and keys (reliability.md, checklist 4 and 5; pages.md, HTTP API).

A key belongs to one workspace, or to none and then reaches all of them. What a caller may not
reach does not exist for them: a foreign workspace is *missing*, never *forbidden*.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from maverick_core.kernel.errors import Rejected, Unauthorised

LONGEST_DAYS: Final = 3_650
"""How many days a key may be good for; none at all is allowed, a typing error is not."""
USE_NOTED_EVERY: Final = timedelta(minutes=1)
"""How coarse "last used" is: one write a minute and key, not one a request."""

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?", re.ASCII)


class Scope(StrEnum):
    """One kind of thing that a key allows."""

    WORKSPACES_READ = "workspaces:read"
    """See workspaces and their holds."""
    WORKSPACES_WRITE = "workspaces:write"
    """Add and change workspaces."""
    CONTACTS_READ = "contacts:read"
    """See contacts and the way of each."""
    IMPORTS_READ = "imports:read"
    """See imports, with rows of their files and what was rejected."""
    IMPORTS_WRITE = "imports:write"
    """Send files, and have them imported."""
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
    SOURCES_READ = "sources:read"
    """See sources and their runs."""
    SOURCES_WRITE = "sources:write"
    """Try, keep and run sources."""
    FILTERING_READ = "filtering:read"
    """See filter rules, and what they made of raw contacts."""
    FILTERING_WRITE = "filtering:write"
    """Set filter rules, try others, and have raw contacts judged."""
    SUPPRESSIONS_READ = "suppressions:read"
    """See who must not be written to."""
    SUPPRESSIONS_WRITE = "suppressions:write"
    """Suppress mailboxes and domains, and take that back."""
    VERIFICATION_READ = "verification:read"
    """See the risks that are taken, verdicts, and the budget."""
    VERIFICATION_WRITE = "verification:write"
    """Say which risks are taken, and have candidates verified."""
    MASTER_READ = "master:read"
    """See the master list, refills, and how close they may come to other workspaces."""
    MASTER_WRITE = "master:write"
    """Fill the master list, refill workspaces, and say how close that may come to others."""
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
        Scope.IMPORTS_READ,
        Scope.BATCHES_READ,
        Scope.TARGETS_READ,
        Scope.TOKENS_READ,
        Scope.SOURCES_READ,
        Scope.FILTERING_READ,
        Scope.SUPPRESSIONS_READ,
        Scope.VERIFICATION_READ,
        Scope.MASTER_READ,
        Scope.OPERATIONS_READ,
    }
)
SCOPES: Final[Mapping[Role, frozenset[Scope]]] = {
    Role.ADMIN: frozenset(Scope),
    Role.OPERATOR: _READS
    | {
        Scope.WORKSPACES_WRITE,
        Scope.IMPORTS_WRITE,
        Scope.BATCHES_WRITE,
        Scope.TARGETS_WRITE,
        Scope.SOURCES_WRITE,
        Scope.FILTERING_WRITE,
        Scope.SUPPRESSIONS_WRITE,
        Scope.VERIFICATION_WRITE,
        Scope.MASTER_WRITE,
    },
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


def check_key_name(name: str) -> str:
    """Return ``name`` if a key may have it; it goes into logs, so that it is kept plain.

    Raises:
        Rejected: it may not.

    """
    if not _NAME.fullmatch(name):
        raise Rejected(
            f"{name!r} cannot name a key.",
            code="bad_key_name",
            remedy="Use letters, digits, hyphens, dots and underscores, for example acme-portal.",
        )
    return name


def scopes_for(role: Role, asked: Collection[Scope] | None) -> frozenset[Scope]:
    """Return the scopes of a key of ``role``: all that the role allows, or those asked for.

    Raises:
        Rejected: the role does not allow one of them, or none is asked for.

    """
    allowed = SCOPES[role]
    if asked is None:
        return allowed
    if not asked:
        raise Rejected(
            "A key without a scope could do nothing.",
            code="no_scope",
            remedy="Name one, or leave them out for all that the role allows.",
        )
    wider = frozenset(asked) - allowed
    if wider:
        raise Rejected(
            f"A key of the role {role} cannot have {', '.join(sorted(wider))}.",
            code="scope_beyond_role",
            remedy="Choose another role, or leave the scope out.",
        )
    return frozenset(asked)


def check_reach(role: Role, slug: str | None) -> None:
    """Let a client's key be bound to a workspace only.

    Raises:
        Rejected: it is a client's and names none.

    """
    if role is Role.CLIENT and slug is None:
        raise Rejected(
            "A client's key sees one workspace, and none is named.",
            code="client_without_workspace",
            remedy="Name the client's workspace.",
        )


def expiry(at: datetime, days: int | None) -> datetime | None:
    """Return when a key made at ``at`` for so many days expires; None for never.

    Raises:
        Rejected: no key is good for so many days.

    """
    if days is None:
        return None
    if not 1 <= days <= LONGEST_DAYS:
        raise Rejected(
            f"A key cannot expire in {days} days.",
            code="bad_expiry",
            remedy=f"Choose from 1 to {LONGEST_DAYS:,} days, or none for a key that stays good.",
        )
    return at + timedelta(days=days)


def caller_of(key: Key, at: datetime) -> Caller:
    """Return who asks with ``key`` at this instant.

    Raises:
        Unauthorised: ``key_revoked`` or ``key_expired``.

    """
    if key.revoked_at is not None:
        raise Unauthorised(
            f"The key {key.name} was revoked.",
            code="key_revoked",
            remedy="Ask whoever runs Maverick for another one.",
        )
    if key.expires_at is not None and key.expires_at <= at:
        raise Unauthorised(
            f"The key {key.name} has expired.",
            code="key_expired",
            remedy="Ask whoever runs Maverick for another one.",
        )
    return Caller(key.id, key.name, key.role, key.scopes, key.slug)


def use_is_news(key: Key, at: datetime) -> bool:
    """Say whether the last use on record is so old that this one is to be noted."""
    return key.last_used_at is None or key.last_used_at + USE_NOTED_EVERY <= at


class Action(StrEnum):
    """What the audit log calls a change, whichever way it was asked for."""

    WORKSPACE_ADD = "workspaces.add"
    """Put a workspace on record."""
    WORKSPACE_SET = "workspaces.set"
    """Change a workspace."""
    TOKEN_SET = "tokens.set"  # noqa: S105 - an action, not a secret
    """Replace a workspace's Bison token."""
    TOKEN_TEST = "tokens.test"  # noqa: S105 - an action, not a secret
    """Ask whether a token is good; one that is refused puts uploads on hold."""
    KEY_ROTATE = "tokens.rotate-key"
    """Encrypt the stored tokens with another secret key."""
    TARGET_SET = "targets.set"
    """Set a month's target."""
    PIPELINE_ASK = "pipeline.ask"
    """Ask workers for stages that have work."""
    IMPORT_ADD = "imports.add"
    """Announce a file to import."""
    IMPORT_SEND = "imports.send"
    """Send a part of a file."""
    IMPORT_START = "imports.start"
    """Have a file imported."""
    IMPORT_CANCEL = "imports.cancel"
    """End an import before its end."""
    BATCHES_CREATE = "batches.create"
    """Plan contacts into batches."""
    BATCH_REQUEUE = "batches.requeue"
    """Send a failed batch round again."""
    BATCH_CANCEL = "batches.cancel"
    """Stop a batch."""
    SOURCE_PUT = "sources.put"
    """Keep a source, or change it."""
    SOURCE_RUN = "sources.run"
    """Take a source's pages."""
    RULES_SET = "filtering.rules"
    """Put filter rules in force."""
    FILTER_RUN = "filtering.run"
    """Judge raw contacts."""
    SUPPRESSION_ADD = "suppressions.add"
    """Suppress mailboxes or domains."""
    SUPPRESSION_REMOVE = "suppressions.remove"
    """Take suppressions away."""
    DISPOSABLE_SET = "filtering.disposable"
    """Refresh the list of disposable domains, or allow one whatever lists say."""
    MASTER_FILL = "master.fill"
    """Tell the master list what came in."""
    MASTER_OVERLAP = "master.overlap"
    """Say how close refills may come to other workspaces."""
    MASTER_REFILL = "master.refill"
    """Bring a workspace contacts from the master list."""
    RISKS_SET = "verification.policy"
    """Say which risks a workspace takes."""
    VERIFY_RUN = "verification.run"
    """Verify candidates, or verify them again."""
    KEY_CREATE = "keys.create"
    """Make a key."""
    KEY_REVOKE = "keys.revoke"
    """Make a key worthless."""
