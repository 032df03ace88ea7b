"""Send a notification: claim it, look where it may be there already, post it, end it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from maverick_core.kernel.time import Clock
from maverick_core.notifications.answers import (
    Absent,
    Arrived,
    Limited,
    LookAnswer,
    Lost,
    NotReached,
    PostAnswer,
    Refused,
)
from maverick_core.notifications.ports import (
    MessageSink,
    NotificationClaim,
    NotificationDesk,
    NotificationEnd,
    NotificationRecord,
    NotTaken,
    WaitingNotifications,
)
from maverick_core.notifications.rules import LEASE_SECONDS, RETRY, NotificationEvent
from maverick_core.retry import GiveUp, RetryPolicy, Trouble

_CODES: Final = {
    Trouble.LIMITED: "rate_limited",
    Trouble.UNAVAILABLE: "unavailable",
    Trouble.LOST: "no_answer",
}


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a notification in one run; ``code`` and ``detail`` say why in words."""

    notification_id: int
    result: str
    """A ``NotificationEvent`` value, ``not_claimed`` or ``stale``."""
    code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SendNotification:
    """Use case: bring one notification a step further: one look and one post at most.

    Safe to run at any time, any number of times and in several places at once. Nothing is waited
    for here: what has to be tried again is handed back with the time to do so. No transaction
    spans a request.
    """

    record: NotificationRecord
    sink: MessageSink
    retry: RetryPolicy = RETRY

    def __call__(self, notification_id: int) -> Sent:
        """Send ``notification_id`` if it is to be sent now."""
        claim = self.record.claim_notification(notification_id, lease_seconds=LEASE_SECONDS)
        if isinstance(claim, NotTaken):
            return Sent(notification_id, "not_claimed", claim.code)
        if claim.posted_at is not None:
            found = self.sink.look(claim.text, claim.tag, since=claim.posted_at)
            if not isinstance(found, Absent):
                return self._end(claim, self._looked(claim, found))
        if not self.record.about_to_post(claim, lease_seconds=LEASE_SECONDS):
            return Sent(notification_id, "stale")
        return self._end(claim, self._posted(claim, self.sink.post(claim.text, claim.tag)))

    def _end(self, claim: NotificationClaim, end: NotificationEnd) -> Sent:
        if not self.record.end_notification(claim, end):
            return Sent(claim.notification_id, "stale")
        return Sent(claim.notification_id, end.event, end.code, end.detail)

    def _looked(self, claim: NotificationClaim, found: LookAnswer) -> NotificationEnd:
        """Decide after a look that did not say "not there": whoever cannot look never posts."""
        match found:
            case Arrived(reference):
                return NotificationEnd(NotificationEvent.ARRIVE, reference=reference)
            case Limited(retry_after):
                return self._later(claim, Trouble.LIMITED, "", retry_after=retry_after)
            case NotReached(detail):
                return self._later(claim, Trouble.UNAVAILABLE, detail)
            case Refused(code, detail):
                return NotificationEnd(NotificationEvent.DOUBT, code, detail)
        raise AssertionError("the look said that the message is not there")

    def _posted(self, claim: NotificationClaim, answer: PostAnswer) -> NotificationEnd:
        match answer:
            case Arrived(reference):
                return NotificationEnd(NotificationEvent.ARRIVE, reference=reference)
            case Limited(retry_after):
                return self._later(claim, Trouble.LIMITED, "", retry_after, absent=True)
            case NotReached(detail):
                return self._later(claim, Trouble.UNAVAILABLE, detail, absent=True)
            case Lost(detail):
                return self._later(claim, Trouble.LOST, detail)
            case Refused(code, detail):
                return NotificationEnd(NotificationEvent.FAIL, code, detail, absent=True)

    def _later(
        self,
        claim: NotificationClaim,
        trouble: Trouble,
        detail: str,
        retry_after: float | None = None,
        *,
        absent: bool = False,
    ) -> NotificationEnd:
        """Hand back for another try, or give up: failed where the message is absent for certain."""
        limited = trouble is Trouble.LIMITED
        decision = self.retry.decide(
            trouble,
            tries=claim.limits + 1 if limited else claim.claims,
            retry_after=retry_after,
            draw=_spread(claim.notification_id),
        )
        code = _CODES[trouble]
        if isinstance(decision, GiveUp):
            event = NotificationEvent.FAIL if absent else NotificationEvent.DOUBT
            return NotificationEnd(event, code, detail, absent=absent)
        return NotificationEnd(
            NotificationEvent.HAND_BACK,
            code,
            detail,
            absent=absent,
            after_seconds=decision.after_seconds,
            put_off=limited,
        )


def _spread(notification_id: int) -> float:
    """Return a number in [0, 1) that differs from one notification to the next."""
    return notification_id % 10 / 10


@dataclass(frozen=True, slots=True)
class SendWaiting:
    """Use case: send, here and now, what waits; for where no worker does."""

    waiting: WaitingNotifications
    send: SendNotification
    limit: int = 100

    def __call__(self) -> int:
        """Send each once, and return how many that were."""
        ids = self.waiting.waiting_notifications(limit=self.limit)
        for notification_id in ids:
            self.send(notification_id)
        return len(ids)


@dataclass(frozen=True, slots=True)
class AnnounceNotifications:
    """Use case: the sweep for notifications whose message was lost, or whose time has come."""

    waiting: WaitingNotifications
    patience_seconds: float = 60.0
    limit: int = 1_000

    def __call__(self) -> int:
        """Announce what waits and return how many that were."""
        return self.waiting.announce_notifications(
            patience_seconds=self.patience_seconds, limit=self.limit
        )


@dataclass(frozen=True, slots=True)
class ResendNotification:
    """Use case: a person has looked, and wants a message to be sent after all."""

    desk: NotificationDesk
    clock: Clock

    def __call__(self, notification_id: int, *, by: str) -> None:
        """Send it again.

        Raises:
            Missing: there is no such notification.
            Conflict: it is sent, or on its way.

        """
        self.desk.resend_notification(notification_id, by=by, at=self.clock.now())
