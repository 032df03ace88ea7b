"""What access needs from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from maverick_core.access.rules import Key, Role, Scope


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key to be put on record; ``digest`` is all that is kept of the secret."""

    name: str
    prefix: str
    digest: bytes
    role: Role
    scopes: frozenset[Scope]
    slug: str | None
    expires_at: datetime | None


class Randomness(Protocol):
    """Where secrets come from."""

    def random_bytes(self, count: int) -> bytes:
        """Return bytes that nobody can guess."""
        ...


class Keys(Protocol):
    """Keys on record. Each call is one transaction."""

    def add_key(self, new: NewKey, *, at: datetime) -> Key:
        """Put it on record.

        Raises:
            Missing: ``workspace_missing``.
            Conflict: ``key_exists``, a key that is not revoked has the name.

        """
        ...

    def key_of(self, digest: bytes) -> Key | None:
        """Return the key with this digest, whatever its state, or None."""
        ...

    def key_used(self, key_id: int, *, at: datetime) -> None:
        """Note the use, never one before the last; unknown keys are ignored."""
        ...

    def revoke_key(self, name: str, *, at: datetime) -> Key:
        """Make it worthless from this moment.

        Raises:
            Missing: ``key_missing``, no key that is not revoked has the name.

        """
        ...

    def keys(self) -> Sequence[Key]:
        """Return all keys, the newest first, revoked ones too."""
        ...


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit log: who did what to what, and how it ended.

    ``slug`` is the workspace that it concerns, None for what concerns all; it is kept as it was
    given, so that an attempt on a workspace that does not exist is on record too. ``subject`` names
    the thing (``B-000042``, ``acme/2026-11``). ``detail`` is words for people; it never holds a
    secret or a contact's data.

    A change has two entries with the same ``request_id``: one before it, whose ``result`` is
    ``begun``, and one after it, with ``done`` or the code of the error (``AuditChange``).
    """

    id: int
    at: datetime
    actor: str
    action: str
    slug: str | None
    subject: str
    result: str
    detail: str
    request_id: str


class AuditLog(Protocol):
    """Every change and every attempt at one. Append-only: the database refuses anything else.

    Changes are audited through ``AuditChange``, which knows when to write what.
    """

    def audit(
        self,
        *,
        actor: str,
        action: str,
        subject: str,
        result: str,
        slug: str | None = None,
        detail: str = "",
        request_id: str = "",
        at: datetime,
    ) -> None:
        """Append an entry, in a transaction of its own."""
        ...

    def audit_entries(
        self, *, slug: str | None = None, before: int | None = None, limit: int = 50
    ) -> Sequence[AuditEntry]:
        """Return entries, the newest first, with ids below ``before``."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered with, kept to be given again; so it never holds a secret."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Replays(Protocol):
    """Requests that may come twice, by key and ``Idempotency-Key``. Each call is a transaction."""

    def begin_request(
        self, key_id: int, idempotency_key: str, fingerprint: bytes, *, at: datetime
    ) -> Answer | None:
        """Note that the request runs, or return the answer that it was given before.

        What was begun a minute ago or more and has no answer died with its process: it begins
        again, as if it were new. Answers are kept for a day.

        Raises:
            Rejected: ``idempotency_key_reused``, the same key came with another request.
            Conflict: ``request_running``, the first one still runs.

        """
        ...

    def end_request(
        self,
        key_id: int,
        idempotency_key: str,
        fingerprint: bytes,
        answer: Answer | None,
        *,
        began_at: datetime,
    ) -> Answer | None:
        """Keep the answer, and return the one that whoever asked is to be given.

        What was taken for dead may end late, and two have run then: the answer of whichever ends
        first stays, and is the other's too. None forgets the request, because it may be tried
        again, unless it was begun again since ``began_at``: then it is not this one's to forget.
        """
        ...

    def forget_requests(self, *, before: datetime) -> int:
        """Delete what was begun before then; return how many."""
        ...
