"""What workspaces and their tokens need from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from maverick_core.workspaces.rules import NewWorkspace, Workspace


class Workspaces(Protocol):
    """The workspaces on record."""

    def add_workspace(self, new: NewWorkspace) -> Workspace:
        """Put it on record, on hold until a token is stored.

        Raises:
            Conflict: ``workspace_exists``, the slug is taken.

        """
        ...

    def change_workspace(self, new: NewWorkspace, *, seen: NewWorkspace | None = None) -> Workspace:
        """Give the workspace called ``new.slug`` what ``new`` says; its hold stays.

        What is planned keeps its month, its size and its campaign. ``seen`` is what the change is
        based on; without it the change is made whatever is there.

        Raises:
            Missing: ``workspace_missing``, there is none.
            Conflict: ``changed_meanwhile``, it is not as it was ``seen``; nothing is changed.

        """
        ...

    def workspace(self, slug: str) -> Workspace:
        """Return the workspace called ``slug``.

        Raises:
            Missing: ``workspace_missing``, there is none.

        """
        ...

    def workspaces(self) -> Sequence[Workspace]:
        """Return all of them, by slug."""
        ...


@dataclass(frozen=True, slots=True)
class TokenIdentity:
    """Whose token it is, as Email Bison says: the answer to "who am I?"."""

    bison_workspace_id: int
    bison_workspace_name: str


@dataclass(frozen=True, slots=True)
class TokenStatus:
    """What may be shown of a stored token; ``hint`` is its last four characters."""

    workspace_id: int
    hint: str
    identity: TokenIdentity
    set_at: datetime
    refused_at: datetime | None


class Tokens(Protocol):
    """Tokens at rest, encrypted. A token itself is never handed to anything but a sink."""

    def store_token(
        self, workspace_id: int, token: str, identity: TokenIdentity, *, at: datetime
    ) -> None:
        """Replace the workspace's token and lift its hold, in one transaction."""
        ...

    def token_status(self, workspace_id: int) -> TokenStatus | None:
        """Return what may be shown, or None when no token is stored."""
        ...

    def refuse_token(self, workspace_id: int, *, set_at: datetime, at: datetime) -> None:
        """Put the workspace on hold because the token stored at ``set_at`` was found refused.

        Nothing happens if another one has been stored since, or none is.
        """
        ...

    def reveal_token(self, workspace_id: int) -> str:
        """Return the token in clear, for the one adapter that sends it.

        Raises:
            Missing: ``token_missing``.
            Unavailable: ``secret_key_wrong``, it cannot be decrypted with the configured key.

        """
        ...


class TokenKeys(Protocol):
    """Which keys the stored tokens are encrypted with; a key is known by its id, never shown."""

    def key_ids(self) -> Sequence[str]:
        """Return the configured keys: the first one encrypts, all of them decrypt."""
        ...

    def tokens_by_key(self) -> Mapping[str, int]:
        """Count the stored tokens by the key that each is encrypted with."""
        ...

    def tokens_to_reseal(self, *, after: int, limit: int) -> Sequence[int]:
        """Return workspaces above the id ``after`` whose token another key than the first made.

        In the order of their ids. Without a key there are none.
        """
        ...

    def reseal_token(self, workspace_id: int) -> bool:
        """Encrypt the workspace's token with the first key, in a transaction of its own.

        The token stays what it is. False where there is nothing to do: it is encrypted with that
        key already, none is stored, or another one was stored in the meantime, which stays.

        Raises:
            Unavailable: ``secret_key_wrong``, no configured key decrypts it.

        """
        ...


class TokenProbe(Protocol):
    """Asks Email Bison about a token."""

    def identify(self, token: str) -> TokenIdentity:
        """Return whose token it is.

        Raises:
            Unauthorised: ``token_refused``.
            Unavailable: Email Bison does not answer, or not in a way that makes sense.

        """
        ...
