"""Workspaces, and their tokens as the vault sealed them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, exists, func, select, update

from maverick_adapters.sql.dialects import Dialect
from maverick_adapters.sql.store.incidents import report
from maverick_adapters.sql.store.part import AnyRow, Part, ids
from maverick_adapters.sql.tables import bison_tokens, workspaces
from maverick_adapters.vault import Sealed
from maverick_core.kernel.errors import Conflict, Missing
from maverick_core.notifications.incidents import token_good_again, token_refused
from maverick_core.workspaces.ports import TokenIdentity, TokenStatus
from maverick_core.workspaces.rules import Hold, NewWorkspace, Workspace, changed_meanwhile

_HINT = 4  # characters of a token that may be shown


class WorkspacesPart(Part):
    """The workspaces on record and what they upload with."""

    def add_workspace(self, new: NewWorkspace) -> Workspace:
        """Put a workspace on record, on hold; see ``Workspaces.add_workspace``."""
        now = self._now()
        statement = (
            self._dialect.insert(workspaces)
            .values(
                slug=new.slug,
                timezone=new.timezone,
                batch_size=new.batch_size,
                campaign_id=new.campaign_id,
                hold=Hold.TOKEN_MISSING,
                held_at=now,
                created_at=now,
            )
            .on_conflict_do_nothing(index_elements=["slug"])
            .returning(*workspaces.c)
        )
        with self._database.write() as connection:
            row = connection.execute(statement).one_or_none()
        if row is None:
            raise Conflict(
                f"There is a workspace called {new.slug} already.",
                code="workspace_exists",
                remedy="Choose another name.",
            )
        return _workspace(row)

    def change_workspace(self, new: NewWorkspace, *, seen: NewWorkspace | None = None) -> Workspace:
        """Change what can be changed; see ``Workspaces.change_workspace``."""
        statement = (
            update(workspaces)
            .where(workspaces.c.slug == new.slug)
            .values(timezone=new.timezone, batch_size=new.batch_size, campaign_id=new.campaign_id)
            .returning(*workspaces.c)
        )
        if seen is not None:
            statement = statement.where(
                workspaces.c.timezone == seen.timezone,
                workspaces.c.batch_size == seen.batch_size,
                workspaces.c.campaign_id.is_not_distinct_from(seen.campaign_id),
            )
        with self._database.write() as connection:
            row = connection.execute(statement).one_or_none()
        if row is None:
            self.workspace(new.slug)
            raise changed_meanwhile(new.slug)
        return _workspace(row)

    def workspace(self, slug: str) -> Workspace:
        """Return one workspace; see ``Workspaces.workspace``."""
        with self._database.read() as connection:
            row = connection.execute(
                select(workspaces).where(workspaces.c.slug == slug)
            ).one_or_none()
        if row is None:
            raise not_called(slug)
        return _workspace(row)

    def workspaces(self) -> Sequence[Workspace]:
        """Return all workspaces by slug."""
        with self._database.read() as connection:
            rows = connection.execute(select(workspaces)).all()
        # Sorted here: in the database the order of hyphens depends on the server's locale.
        return sorted(map(_workspace, rows), key=lambda workspace: workspace.slug)

    def store_token(
        self, workspace_id: int, token: str, identity: TokenIdentity, *, at: datetime
    ) -> None:
        """Replace the token and lift the hold; see ``Tokens.store_token``."""
        sealed = self._vault.seal(workspace_id, token)
        values = {
            "key_id": sealed.key_id,
            "ciphertext": sealed.ciphertext,
            "hint": token[-_HINT:],
            "bison_workspace_id": identity.bison_workspace_id,
            "bison_workspace_name": identity.bison_workspace_name,
            "set_at": at,
            "refused_at": None,
        }
        statement = self._dialect.insert(bison_tokens).values(workspace_id=workspace_id, **values)
        with self._database.write() as connection:
            before = _locked_hold(connection, workspace_id)
            connection.execute(
                update(workspaces)
                .where(workspaces.c.id == workspace_id)
                .values(hold=None, held_at=None)
            )
            if before.hold == Hold.TOKEN_REFUSED:
                good = token_good_again(workspace_id, before.slug, refused_set_at=before.set_at)
                report(connection, self._dialect, good, at=at)
            connection.execute(
                statement.on_conflict_do_update(index_elements=["workspace_id"], set_=values)
            )

    def token_status(self, workspace_id: int) -> TokenStatus | None:
        """Return what may be shown of the token; see ``Tokens.token_status``."""
        row = self._token(workspace_id)
        if row is None:
            return None
        identity = TokenIdentity(row.bison_workspace_id, row.bison_workspace_name)
        return TokenStatus(workspace_id, row.hint, identity, row.set_at, row.refused_at)

    def refuse_token(self, workspace_id: int, *, set_at: datetime, at: datetime) -> None:
        """Put the workspace on hold, if the token is still the one that was refused."""
        with self._database.write() as connection:
            put_on_hold(connection, self._dialect, workspace_id, set_at, at)

    def reveal_token(self, workspace_id: int) -> str:
        """Return the token in clear; see ``Tokens.reveal_token``."""
        row = self._token(workspace_id)
        if row is None:
            raise Missing(
                "No token is stored for the workspace.",
                code="token_missing",
                remedy='Store one with "maverick tokens set".',
            )
        return self._vault.open(workspace_id, Sealed(row.key_id, bytes(row.ciphertext)))

    def key_ids(self) -> Sequence[str]:
        """Return the vault's keys."""
        return self._vault.key_ids

    def tokens_by_key(self) -> Mapping[str, int]:
        """Count the tokens by key."""
        key_id = bison_tokens.c.key_id
        with self._database.read() as connection:
            rows = connection.execute(select(key_id, func.count()).group_by(key_id)).all()
        return {row[0]: row[1] for row in rows}

    def tokens_to_reseal(self, *, after: int, limit: int) -> Sequence[int]:
        """Return workspaces by id; see ``TokenKeys.tokens_to_reseal``."""
        if not self.key_ids():
            return []
        owner, key_id = bison_tokens.c.workspace_id, bison_tokens.c.key_id
        statement = (
            select(owner)
            .where(owner > after, key_id != self.key_ids()[0])
            .order_by(owner)
            .limit(limit)
        )
        with self._database.read() as connection:
            return ids(connection, statement)

    def reseal_token(self, workspace_id: int) -> bool:
        """Encrypt the token anew; see ``TokenKeys.reseal_token``.

        Written only over the ciphertext that was read, so that a token which was stored in between
        is not undone; no lock is held while the vault works.
        """
        row = self._token(workspace_id)
        if row is None or row.key_id in self.key_ids()[:1]:
            return False
        token = self._vault.open(workspace_id, Sealed(row.key_id, bytes(row.ciphertext)))
        sealed = self._vault.seal(workspace_id, token)
        statement = (
            update(bison_tokens)
            .where(
                bison_tokens.c.workspace_id == workspace_id,
                bison_tokens.c.ciphertext == row.ciphertext,
            )
            .values(key_id=sealed.key_id, ciphertext=sealed.ciphertext)
        )
        with self._database.write() as connection:
            return connection.execute(statement).rowcount == 1

    def _token(self, workspace_id: int) -> AnyRow | None:
        with self._database.read() as connection:
            return connection.execute(
                select(bison_tokens).where(bison_tokens.c.workspace_id == workspace_id)
            ).one_or_none()


def put_on_hold(
    connection: Connection,
    dialect: Dialect,
    workspace_id: int,
    set_at: datetime,
    at: datetime,
    *,
    batch_id: int | None = None,
) -> bool:
    """Hold the workspace because its token was refused; False if that is no longer its token.

    ``batch_id`` is the batch that met it. Workspace first and then token, as everybody does who
    writes to both.
    """
    refused = (bison_tokens.c.workspace_id == workspace_id, bison_tokens.c.set_at == set_at)
    slug = connection.execute(
        update(workspaces)
        .where(workspaces.c.id == workspace_id, exists().where(*refused))
        .values(hold=Hold.TOKEN_REFUSED, held_at=at)
        .returning(workspaces.c.slug)
    ).scalar_one_or_none()
    if slug is None:
        return False
    connection.execute(update(bison_tokens).where(*refused).values(refused_at=at))
    incident = token_refused(workspace_id, slug, set_at=set_at, batch_id=batch_id)
    report(connection, dialect, incident, at=at)
    return True


def _locked_hold(connection: Connection, workspace_id: int) -> AnyRow:
    """Return slug, hold and when the token was stored, if one was; the workspace is locked."""
    row = connection.execute(
        select(workspaces.c.slug, workspaces.c.hold, bison_tokens.c.set_at)
        .outerjoin(bison_tokens, bison_tokens.c.workspace_id == workspaces.c.id)
        .where(workspaces.c.id == workspace_id)
        .with_for_update(of=workspaces)
    ).one_or_none()
    if row is None:
        raise _no_workspace()
    return row


def check_workspace(connection: Connection, workspace_id: int) -> None:
    """Raise ``Missing`` where there is no such workspace."""
    known = exists().where(workspaces.c.id == workspace_id)
    if not connection.execute(select(known)).scalar_one():
        raise _no_workspace()


def not_called(slug: str) -> Missing:
    """Return the error that says that no workspace has this name."""
    return Missing(
        f"There is no workspace called {slug}.",
        code="workspace_missing",
        remedy='See "maverick workspaces list", or add it: "maverick workspaces add".',
    )


def _no_workspace() -> Missing:
    return Missing("There is no such workspace.", code="workspace_missing")


def _workspace(row: AnyRow) -> Workspace:
    return Workspace(
        id=row.id,
        slug=row.slug,
        timezone=row.timezone,
        batch_size=row.batch_size,
        campaign_id=row.campaign_id,
        hold=Hold(row.hold) if row.hold else None,
    )
