"""Tokens are tested before they are stored, and belong to one Email Bison workspace each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from maverick_core.kernel.errors import Conflict, Missing, Rejected, Unauthorised, Unavailable
from maverick_core.kernel.time import Clock
from maverick_core.workspaces.ports import (
    TokenIdentity,
    TokenKeys,
    TokenProbe,
    Tokens,
    Workspaces,
)
from maverick_core.workspaces.rules import Rotation

_TOKENS_AT_ONCE: Final = 100  # ids read ahead; each token is a transaction of its own


@dataclass(frozen=True, slots=True)
class SetToken:
    """Use case: replace a workspace's token by one that Email Bison accepts."""

    workspaces: Workspaces
    tokens: Tokens
    probe: TokenProbe
    clock: Clock

    def __call__(self, slug: str, token: str, *, replace_workspace: bool = False) -> TokenIdentity:
        """Test ``token``, store it, and lift the workspace's hold.

        ``replace_workspace`` allows a token of another Email Bison workspace than the one before.

        Raises:
            Missing: no such workspace.
            Rejected: the text cannot be a token.
            Unauthorised: Email Bison refuses it; nothing is stored.
            Conflict: ``other_bison_workspace``; nothing is stored.

        """
        workspace = self.workspaces.workspace(slug)
        identity = self.probe.identify(_clean(token))
        before = self.tokens.token_status(workspace.id)
        known = before.identity if before else identity
        if known.bison_workspace_id != identity.bison_workspace_id and not replace_workspace:
            raise Conflict(
                f"The token is for the Email Bison workspace {identity.bison_workspace_name!r}, "
                f"but {slug} has been uploading to {known.bison_workspace_name!r}.",
                code="other_bison_workspace",
                remedy="Use a token of the same workspace, or confirm with --replace-workspace.",
            )
        if not (before or replace_workspace):
            self._check_unshared(slug, identity)
        self.tokens.store_token(workspace.id, _clean(token), identity, at=self.clock.now())
        return identity

    def _check_unshared(self, slug: str, identity: TokenIdentity) -> None:
        """Catch a token pasted for the wrong client: leads that went there stay there."""
        for other in self.workspaces.workspaces():
            status = self.tokens.token_status(other.id)
            if (
                other.slug != slug
                and status
                and status.identity.bison_workspace_id == identity.bison_workspace_id
            ):
                raise Conflict(
                    # Not which: who is bound to one workspace hears of no other.
                    f"The token is for the Email Bison workspace "
                    f"{identity.bison_workspace_name!r}, which another workspace uploads to.",
                    code="shared_bison_workspace",
                    remedy=f"Use a token of {slug}'s own workspace, or confirm with "
                    '--replace-workspace; "maverick tokens list" says who has it.',
                )


@dataclass(frozen=True, slots=True)
class CheckToken:
    """Use case: ask Email Bison whether a workspace's stored token is still good."""

    workspaces: Workspaces
    tokens: Tokens
    probe: TokenProbe
    clock: Clock

    def __call__(self, slug: str) -> TokenIdentity:
        """Return whose token it is; a refused one puts the workspace on hold.

        Raises:
            Missing: no such workspace, or it has no token.
            Unauthorised: Email Bison refuses the token.

        """
        workspace = self.workspaces.workspace(slug)
        status = self.tokens.token_status(workspace.id)
        if status is None:
            raise Missing(
                f"No token is stored for {slug}.",
                code="token_missing",
                remedy=f'Store one with "maverick tokens set {slug}".',
            )
        try:
            return self.probe.identify(self.tokens.reveal_token(workspace.id))
        except Unauthorised:
            now = self.clock.now()
            self.tokens.refuse_token(workspace.id, set_at=status.set_at, at=now)
            raise


@dataclass(frozen=True, slots=True)
class RotateKey:
    """Use case: encrypt every stored token with the first of the configured keys."""

    workspaces: Workspaces
    keys: TokenKeys

    def __call__(self, *, dry_run: bool = False) -> Rotation:
        """Do what is left to do, or with ``dry_run`` only count it.

        Interrupted, it has done a part, and the next call does the rest. A token that no key
        decrypts stays as it is and does not keep the others from being done.

        Raises:
            Rejected: ``secret_key_missing``, there is no key.

        """
        current = next(iter(self.keys.key_ids()), "")
        if not current:
            raise Rejected(
                "There is no key to encrypt tokens with.",
                code="secret_key_missing",
                remedy='Set MAVERICK_SECRET_KEY; "maverick init" makes one.',
            )
        before = self.keys.tokens_by_key()
        left = () if dry_run else tuple(self._reseal_all())
        return Rotation(current, before, self.keys.tokens_by_key(), left)

    def _reseal_all(self) -> Iterator[str]:
        """Do every token; yield the workspaces whose token cannot be decrypted."""
        slugs = {workspace.id: workspace.slug for workspace in self.workspaces.workspaces()}
        after = 0
        while found := self.keys.tokens_to_reseal(after=after, limit=_TOKENS_AT_ONCE):
            for workspace_id in found:
                try:
                    self.keys.reseal_token(workspace_id)
                except Unavailable as error:
                    if error.code != "secret_key_wrong":
                        raise
                    yield slugs.get(workspace_id, str(workspace_id))
            after = found[-1]


def _clean(token: str) -> str:
    """Return the token without the line end that pasting leaves behind."""
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise Rejected(
            "That is not a token: it is empty or holds characters that no token has.",
            code="bad_token",
            remedy="Copy the whole token from Email Bison; it looks like 12|AbCdEf.",
        )
    return token
