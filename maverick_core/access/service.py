"""Make keys, take them back, find out who asks, put changes on record, forget old requests."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from maverick_core.access.credentials import (
    SECRET_BYTES,
    digest_of,
    digest_sent,
    prefix_of,
    secret_of,
)
from maverick_core.access.ports import AuditLog, Keys, NewKey, Randomness, Replays
from maverick_core.access.replays import ANSWERS_KEPT
from maverick_core.access.rules import (
    Action,
    Caller,
    Key,
    Role,
    Scope,
    caller_of,
    check_key_name,
    check_reach,
    expiry,
    scopes_for,
    use_is_news,
)
from maverick_core.kernel.errors import MaverickError, Unauthorised, Unavailable
from maverick_core.kernel.time import Clock

BEGUN: Final = "begun"
DONE: Final = "done"
BROKEN_OFF: Final = "broken_off"
"""The result of a change that ended in a defect or an interruption: nobody knows how far it got."""


@dataclass(frozen=True, slots=True)
class CreatedKey:
    """A key that was just made. ``secret`` is shown now or never."""

    key: Key
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CreateKey:
    """Use case: make a key."""

    keys: Keys
    randomness: Randomness
    clock: Clock

    def __call__(
        self,
        name: str,
        role: Role,
        *,
        slug: str | None = None,
        scopes: Collection[Scope] | None = None,
        expires_in_days: int | None = None,
    ) -> CreatedKey:
        """Put a key on record and return its secret, which nothing can return again.

        ``slug`` binds it to one workspace; ``scopes`` narrow what its role allows.

        Raises:
            Rejected: there can be no such key.
            Missing: no such workspace.
            Conflict: ``key_exists``, a key that is not revoked has the name.

        """
        check_reach(role, slug)
        now = self.clock.now()
        secret = secret_of(self.randomness.random_bytes(SECRET_BYTES))
        new = NewKey(
            name=check_key_name(name),
            prefix=prefix_of(secret),
            digest=digest_of(secret),
            role=role,
            scopes=scopes_for(role, scopes),
            slug=slug,
            expires_at=expiry(now, expires_in_days),
        )
        return CreatedKey(self.keys.add_key(new, at=now), secret)


@dataclass(frozen=True, slots=True)
class RevokeKey:
    """Use case: make a key worthless. The next request with it is refused already."""

    keys: Keys
    clock: Clock

    def __call__(self, name: str) -> Key:
        """Revoke it; its name is free again.

        Raises:
            Missing: ``key_missing``, no key that is not revoked has the name.

        """
        return self.keys.revoke_key(name, at=self.clock.now())


@dataclass(frozen=True, slots=True)
class Authenticate:
    """Use case: find out who asks."""

    keys: Keys
    clock: Clock

    def __call__(self, authorization: str | None) -> Caller:
        """Return the caller for a value of ``Authorization``, None where none was sent.

        The record is asked every time, so that a revocation works at once. The use is noted, once
        a minute; a database that is too busy for the note refuses nobody.

        Raises:
            Unauthorised: no key, not a key, or one that is unknown, revoked or expired.
            Unavailable: the record cannot be read.

        """
        key = self.keys.key_of(digest_sent(authorization))
        if key is None:
            raise Unauthorised(
                "Nobody knows this key.",
                code="key_unknown",
                remedy="Check that it is the key of this Maverick, or ask for another one.",
            )
        now = self.clock.now()
        caller = caller_of(key, now)
        if use_is_news(key, now):
            with suppress(Unavailable):
                self.keys.key_used(key.id, at=now)
        return caller


@dataclass(frozen=True, slots=True)
class ForgetRequests:
    """Use case: delete requests whose answers are not given again any more."""

    replays: Replays
    clock: Clock

    def __call__(self) -> int:
        """Delete, and return how many requests that were."""
        return self.replays.forget_requests(before=self.clock.now() - ANSWERS_KEPT)


@dataclass(frozen=True, slots=True)
class AuditChange:
    """Use case: put a change on record, whatever becomes of it.

    The change and its entries are different transactions, so that one entry could be lost or lie.
    Two cannot: *begun* is written before the change, which is not made if that fails, and the
    result after it. A *begun* without a result says that the process died, or the database did
    not answer, somewhere between the two: the change may have been made, and its subject tells.
    """

    log: AuditLog
    clock: Clock
    randomness: Randomness

    @contextmanager
    def __call__(
        self,
        action: Action,
        subject: str,
        *,
        actor: str,
        slug: str | None = None,
        detail: str = "",
        request_id: str = "",
    ) -> Iterator[None]:
        """Make the change inside the block; what it raises is put on record and goes on its way.

        ``actor`` is ``key:<name>`` or ``cli:<user>``. The two entries share ``request_id``, which
        is made up where there is none. None of them may hold a secret or a contact's data; should
        one of what people type be an e-mail address even so, it is withheld.

        Raises:
            Unavailable: *begun* could not be written; the block was not entered.

        """
        entry = partial(
            self.log.audit,
            actor=actor,
            action=action,
            subject=_withheld(subject),
            slug=None if slug is None else _withheld(slug),
            detail=_withheld(detail),
            request_id=request_id or self.randomness.random_bytes(8).hex(),
        )
        entry(result=BEGUN, at=self.clock.now())
        result = BROKEN_OFF
        try:
            yield
            result = DONE
        except MaverickError as error:
            result = error.code
            raise
        finally:
            # The change is what it is: whoever asked for it is told of that, not of the log.
            with suppress(Unavailable):
                entry(result=result, at=self.clock.now())


def _withheld(text: str) -> str:
    """Return ``text``, unless it may name somebody: what is on record here stays for good."""
    return "(withheld)" if "@" in text else text
