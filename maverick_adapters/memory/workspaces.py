"""Workspaces and their tokens, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from maverick_adapters.memory.incidents import refuse_token, report_good_token
from maverick_adapters.memory.tables import TokenRecord, Transactions
from maverick_core.kernel.errors import Conflict, Missing, Unavailable
from maverick_core.workspaces.ports import TokenIdentity, TokenStatus
from maverick_core.workspaces.rules import Hold, NewWorkspace, Workspace, changed_meanwhile


class MemoryWorkspaces(Transactions):
    """Satisfies ``Workspaces``, ``Tokens`` and ``TokenKeys``."""

    _key_ids: Sequence[str] = ("memory",)

    def use_keys(self, *key_ids: str) -> None:
        """Have these keys from now on, the first one current."""
        self._key_ids = key_ids

    def add_workspace(self, new: NewWorkspace) -> Workspace:
        """Put the workspace on record with the next free id."""
        with self._transaction() as tables:
            if any(row.slug == new.slug for row in tables.workspaces.values()):
                raise Conflict(
                    f"A workspace called {new.slug} exists already.", code="workspace_exists"
                )
            row = Workspace(
                id=len(tables.workspaces) + 1,
                slug=new.slug,
                timezone=new.timezone,
                batch_size=new.batch_size,
                campaign_id=new.campaign_id,
                hold=Hold.TOKEN_MISSING,
            )
            tables.workspaces[row.id] = row
        return row

    def change_workspace(self, new: NewWorkspace, *, seen: NewWorkspace | None = None) -> Workspace:
        """Change what can be changed."""
        with self._transaction() as tables:
            now = self.workspace(new.slug)
            if seen not in {None, now.asked}:
                raise changed_meanwhile(new.slug)
            row = replace(
                now,
                timezone=new.timezone,
                batch_size=new.batch_size,
                campaign_id=new.campaign_id,
            )
            tables.workspaces[row.id] = row
        return row

    def workspace(self, slug: str) -> Workspace:
        """Return the workspace with this slug."""
        for row in self._tables.workspaces.values():
            if row.slug == slug:
                return row
        raise Missing(
            f"There is no workspace called {slug}.",
            code="workspace_missing",
            remedy='See "maverick workspaces list", or add it.',
        )

    def workspaces(self) -> Sequence[Workspace]:
        """Return all workspaces by slug."""
        return sorted(self._tables.workspaces.values(), key=lambda row: row.slug)

    def store_token(
        self, workspace_id: int, token: str, identity: TokenIdentity, *, at: datetime
    ) -> None:
        """Replace the token and lift the hold."""
        with self._transaction() as tables:
            workspace = tables.workspace_row(workspace_id)
            report_good_token(tables, workspace_id, at)
            tables.tokens[workspace_id] = TokenRecord(token, self._key_ids[0], identity, set_at=at)
            tables.workspaces[workspace_id] = replace(workspace, hold=None)

    def token_status(self, workspace_id: int) -> TokenStatus | None:
        """Return what may be shown of the token."""
        row = self._tables.tokens.get(workspace_id)
        if row is None:
            return None
        return TokenStatus(workspace_id, row.token[-4:], row.identity, row.set_at, row.refused_at)

    def refuse_token(self, workspace_id: int, *, set_at: datetime, at: datetime) -> None:
        """Put the workspace on hold, if the token is still the one that was refused."""
        with self._transaction() as tables:
            refuse_token(tables, workspace_id, set_at, at)

    def reveal_token(self, workspace_id: int) -> str:
        """Return the token in clear."""
        row = self._tables.tokens.get(workspace_id)
        if row is None:
            raise Missing("The workspace has no token.", code="token_missing")
        return self._opened(row)

    def key_ids(self) -> Sequence[str]:
        """Return the keys."""
        return self._key_ids

    def tokens_by_key(self) -> Mapping[str, int]:
        """Count the tokens by key."""
        return Counter(row.key_id for row in self._tables.tokens.values())

    def tokens_to_reseal(self, *, after: int, limit: int) -> Sequence[int]:
        """Return workspaces by id."""
        tokens = sorted(self._tables.tokens.items())
        current = self._key_ids[:1]
        found = (id_ for id_, row in tokens if id_ > after and row.key_id not in current)
        return list(islice(found, limit)) if current else []

    def reseal_token(self, workspace_id: int) -> bool:
        """Let the token name the first key."""
        with self._transaction() as tables:
            row = tables.tokens.get(workspace_id)
            if row is None or row.key_id in self._key_ids[:1]:
                return False
            self._opened(row)
            tables.tokens[workspace_id] = replace(row, key_id=self._key_ids[0])
        return True

    def _opened(self, row: TokenRecord) -> str:
        if row.key_id not in self._key_ids:
            raise Unavailable(
                "The stored token cannot be decrypted with the configured key.",
                code="secret_key_wrong",
            )
        return row.token
