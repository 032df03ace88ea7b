"""Keys and the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import insert, or_, select, text, update

from maverick_adapters.sql.store.part import AnyRow, Part
from maverick_adapters.sql.tables import api_keys, audit_log, workspaces
from maverick_core.access.ports import AuditEntry, NewKey
from maverick_core.access.rules import Key, Role, Scope
from maverick_core.kernel.errors import Conflict, Missing

_key, _entry = api_keys.c, audit_log.c
_KEYS: Final = select(api_keys, workspaces.c.slug).outerjoin(
    workspaces, workspaces.c.id == _key.workspace_id
)
_ENTRIES: Final = select(*(_entry[name] for name in AuditEntry.__dataclass_fields__))
_NOT_REVOKED: Final = text("revoked_at IS NULL")


class KeysPart(Part):
    """Satisfies ``Keys``."""

    def add_key(self, new: NewKey, *, at: datetime) -> Key:
        """Put a key on record; see ``Keys.add_key``."""
        with self._database.write() as connection:
            workspace_id = None
            if new.slug is not None:
                workspace_id = connection.execute(
                    select(workspaces.c.id).where(workspaces.c.slug == new.slug)
                ).scalar_one_or_none()
                if workspace_id is None:
                    raise Missing(
                        f"There is no workspace called {new.slug}.",
                        code="workspace_missing",
                        remedy='See "maverick workspaces list", or add it.',
                    )
            key_id = connection.execute(
                self._dialect.insert(api_keys)
                .values(
                    name=new.name,
                    prefix=new.prefix,
                    digest=new.digest,
                    role=new.role,
                    scopes=" ".join(sorted(new.scopes)),
                    workspace_id=workspace_id,
                    created_at=at,
                    expires_at=new.expires_at,
                )
                .on_conflict_do_nothing(index_elements=["name"], index_where=_NOT_REVOKED)
                .returning(_key.id)
            ).scalar_one_or_none()
            if key_id is None:
                raise Conflict(
                    f"There is a key called {new.name} already.",
                    code="key_exists",
                    remedy="Choose another name, or revoke the key that has it.",
                )
            return _key_of(connection.execute(_KEYS.where(_key.id == key_id)).one())

    def key_of(self, digest: bytes) -> Key | None:
        """Return the key with this digest; see ``Keys.key_of``."""
        with self._database.read() as connection:
            row = connection.execute(_KEYS.where(_key.digest == digest)).one_or_none()
        return _key_of(row) if row else None

    def key_used(self, key_id: int, *, at: datetime) -> None:
        """Note the use; see ``Keys.key_used``."""
        earlier = or_(_key.last_used_at.is_(None), _key.last_used_at < at)
        with self._database.write() as connection:
            connection.execute(
                update(api_keys).where(_key.id == key_id, earlier).values(last_used_at=at)
            )

    def revoke_key(self, name: str, *, at: datetime) -> Key:
        """Make a key worthless; see ``Keys.revoke_key``."""
        with self._database.write() as connection:
            key_id = connection.execute(
                update(api_keys)
                .where(_key.name == name, _key.revoked_at.is_(None))
                .values(revoked_at=at)
                .returning(_key.id)
            ).scalar_one_or_none()
            if key_id is None:
                raise Missing(
                    "No key that is good has this name.",
                    code="key_missing",
                    remedy='See "maverick keys list".',
                )
            return _key_of(connection.execute(_KEYS.where(_key.id == key_id)).one())

    def keys(self) -> Sequence[Key]:
        """Return all keys, the newest first."""
        with self._database.read() as connection:
            return [_key_of(row) for row in connection.execute(_KEYS.order_by(_key.id.desc()))]


def _key_of(row: AnyRow) -> Key:
    return Key(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        role=Role(row.role),
        scopes=frozenset(map(Scope, row.scopes.split())),
        slug=row.slug,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )


class AuditPart(Part):
    """Satisfies ``AuditLog``. A trigger refuses what is not an insert."""

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
        with self._database.write() as connection:
            connection.execute(
                insert(audit_log).values(
                    at=at,
                    actor=actor,
                    action=action,
                    slug=slug,
                    subject=subject,
                    result=result,
                    detail=detail,
                    request_id=request_id,
                )
            )

    def audit_entries(
        self, *, slug: str | None = None, before: int | None = None, limit: int = 50
    ) -> Sequence[AuditEntry]:
        """Return entries, the newest first; see ``AuditLog.audit_entries``."""
        query = _ENTRIES.order_by(_entry.id.desc()).limit(limit)
        if slug is not None:
            query = query.where(_entry.slug == slug)
        if before is not None:
            query = query.where(_entry.id < before)
        with self._database.read() as connection:
            return [AuditEntry(**row) for row in connection.execute(query).mappings()]
