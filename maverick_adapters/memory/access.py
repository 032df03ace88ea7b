"""Keys, the audit log and requests that may come twice, in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from maverick_adapters.memory.tables import RequestRecord, Tables, Transactions
from maverick_core.access.ports import Answer, AuditEntry, NewKey
from maverick_core.access.replays import begins_again, check_repeated
from maverick_core.access.rules import Key
from maverick_core.kernel.errors import Conflict, Missing


class MemoryKeys(Transactions):
    """Satisfies ``Keys``."""

    def add_key(self, new: NewKey, *, at: datetime) -> Key:
        """Put the key on record with the next free id."""
        with self._transaction() as tables:
            slugs = {row.slug for row in tables.workspaces.values()}
            if new.slug is not None and new.slug not in slugs:
                raise Missing(f"There is no workspace called {new.slug}.", code="workspace_missing")
            if _good(tables, new.name):
                raise Conflict(f"There is a key called {new.name} already.", code="key_exists")
            key = Key(
                id=len(tables.keys) + 1,
                name=new.name,
                prefix=new.prefix,
                role=new.role,
                scopes=new.scopes,
                slug=new.slug,
                created_at=at,
                expires_at=new.expires_at,
                revoked_at=None,
                last_used_at=None,
            )
            tables.keys[new.digest] = key
        return key

    def key_of(self, digest: bytes) -> Key | None:
        """Return the key with this digest."""
        return self._tables.keys.get(digest)

    def key_used(self, key_id: int, *, at: datetime) -> None:
        """Note the use."""
        with self._transaction() as tables:
            for digest, key in tables.keys.items():
                if key.id == key_id and (key.last_used_at is None or key.last_used_at < at):
                    tables.keys[digest] = replace(key, last_used_at=at)

    def revoke_key(self, name: str, *, at: datetime) -> Key:
        """Make the key worthless."""
        with self._transaction() as tables:
            digest = _good(tables, name)
            if digest is None:
                raise Missing("No key that is good has this name.", code="key_missing")
            tables.keys[digest] = replace(tables.keys[digest], revoked_at=at)
            return tables.keys[digest]

    def keys(self) -> Sequence[Key]:
        """Return all keys, the newest first."""
        return list(reversed(self._tables.keys.values()))


def _good(tables: Tables, name: str) -> bytes | None:
    """Return the digest of the key with this name; revoked ones have none any more."""
    found = (d for d, key in tables.keys.items() if key.name == name and key.revoked_at is None)
    return next(found, None)


class MemoryAuditLog(Transactions):
    """Satisfies ``AuditLog``."""

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
        """Append an entry."""
        with self._transaction() as tables:
            number = len(tables.audit_log) + 1
            tables.audit_log[number] = AuditEntry(
                number, at, actor, action, slug, subject, result, detail, request_id
            )

    def audit_entries(
        self, *, slug: str | None = None, before: int | None = None, limit: int = 50
    ) -> Sequence[AuditEntry]:
        """Return entries, the newest first."""
        found: Iterator[AuditEntry] = (
            entry
            for entry in reversed(self._tables.audit_log.values())
            if slug in {None, entry.slug} and (before is None or entry.id < before)
        )
        return list(islice(found, limit))


class MemoryReplays(Transactions):
    """Satisfies ``Replays``."""

    def begin_request(
        self, key_id: int, idempotency_key: str, fingerprint: bytes, *, at: datetime
    ) -> Answer | None:
        """Begin, or return the earlier answer."""
        name = (key_id, idempotency_key)
        with self._transaction() as tables:
            earlier = tables.requests.get(name)
            if earlier is None or begins_again(
                earlier.began_at, answered=earlier.answer is not None, at=at
            ):
                tables.requests[name] = RequestRecord(fingerprint, at)
                return None
        check_repeated(same=earlier.fingerprint == fingerprint, answered=earlier.answer is not None)
        return earlier.answer

    def end_request(
        self,
        key_id: int,
        idempotency_key: str,
        fingerprint: bytes,
        answer: Answer | None,
        *,
        began_at: datetime,
    ) -> Answer | None:
        """Keep the answer or forget the request."""
        name = (key_id, idempotency_key)
        with self._transaction() as tables:
            row = tables.requests.get(name)
            if row is None:
                row = RequestRecord(fingerprint, began_at)
            if row.fingerprint == fingerprint and row.answer is not None:
                return row.answer
            if answer is None:
                if name in tables.requests and row.answer is None and row.began_at == began_at:
                    del tables.requests[name]
            elif row.fingerprint == fingerprint:
                tables.requests[name] = replace(row, answer=answer)
        return answer

    def forget_requests(self, *, before: datetime) -> int:
        """Delete what was begun before."""
        with self._transaction() as tables:
            old = [name for name, row in tables.requests.items() if row.began_at < before]
            for name in old:
                del tables.requests[name]
        return len(old)
