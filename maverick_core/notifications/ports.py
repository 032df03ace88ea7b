"""What notifications need from outside: their record, and where messages go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from maverick_core.notifications.answers import LookAnswer, PostAnswer
from maverick_core.notifications.rules import Notification, NotificationEvent, NotificationState


@dataclass(frozen=True, slots=True)
class NotificationClaim:
    """A notification taken for a lease; every later write proves itself with ``fence``.

    ``posted_at`` is when an earlier claim began to post what may be there since, None where the
    message is certainly not there. ``claims`` counts this one, ``limits`` those that were put off.
    """

    notification_id: int
    fence: int
    text: str
    tag: str
    posted_at: datetime | None
    claims: int
    limits: int


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Why a notification was not handed out.

    ``code`` is the first of these that applies: ``missing``, ``over``, ``busy`` (a live lease),
    ``not_due`` (its time has not come) or ``too_many_claims`` (this call ended it).
    """

    code: str


@dataclass(frozen=True, slots=True)
class NotificationEnd:
    """How a claim ends.

    ``absent``: the message is certainly not there. ``after_seconds`` is when a notification that
    is handed back is due again; ``put_off`` takes the claim off the count, for nothing went wrong.
    """

    event: NotificationEvent
    code: str = ""
    detail: str = ""
    reference: str = ""
    absent: bool = False
    after_seconds: float = 0.0
    put_off: bool = False


class NotificationRecord(Protocol):
    """The durable record of what is being sent. Each call is one transaction.

    All but the claim are guarded by fence and the state ``sending``: they return False, having
    changed nothing, when the claim is no longer valid.
    """

    def claim_notification(
        self, notification_id: int, *, lease_seconds: float
    ) -> NotificationClaim | NotTaken:
        """Take it if it is pending and due, or sending with an expired lease.

        The claim after the ``MAX_CLAIMS``-th ends it with ``too_many_claims`` instead: in doubt if
        the message may be there, failed otherwise.
        """
        ...

    def about_to_post(self, claim: NotificationClaim, *, lease_seconds: float) -> bool:
        """Put the intent to post on record, before the request; the lease begins anew."""
        ...

    def end_notification(self, claim: NotificationClaim, end: NotificationEnd) -> bool:
        """End the claim as ``end.event`` says."""
        ...


class NotificationDesk(Protocol):
    """Notifications as people meet them."""

    def notifications(
        self, *, state: NotificationState | None = None, limit: int
    ) -> Sequence[Notification]:
        """Return those in this state, or all of them, the last one first."""
        ...

    def resend_notification(self, notification_id: int, *, by: str, at: datetime) -> None:
        """Turn one that failed or is in doubt to pending, and announce it, in one transaction.

        The person has looked: the message counts as absent, and the claims from none.

        Raises:
            Missing: ``notification_missing``.
            Conflict: ``not_resendable``, it is sent, or on its way.

        """
        ...


class WaitingNotifications(Protocol):
    """What a claim would be given now, for who looks after what was lost on the way."""

    def waiting_notifications(self, *, limit: int) -> Sequence[int]:
        """Return the ids, oldest first."""
        ...

    def announce_notifications(self, *, patience_seconds: float, limit: int) -> int:
        """Announce those nobody was told of, and return how many; see ``Announcements``."""
        ...


class MessageSink(Protocol):
    """Where messages go. Never raises for what happens on the way."""

    def post(self, text: str, tag: str) -> PostAnswer:
        """Post a message that carries ``tag`` unseen; asked twice, it posts two."""
        ...

    def look(self, text: str, tag: str, *, since: datetime) -> LookAnswer:
        """Find the message with ``tag`` among those since then; ``Absent`` only for certain.

        ``text`` is how it would read, for a sink that may not see tags.
        """
        ...

    def introduce(self) -> str:
        """Say as whom and where messages are posted.

        Raises:
            Unauthorised: the sink refuses its credential, or lacks a right that it needs.
            Unavailable: it does not answer.

        """
        ...
