"""The life of a notification, and when it is tried again.

A notification is *claimed* for a lease, as a batch is, with a fence that proves each later write.
Posting a message twice makes two messages, so the intent to post is put on record first. A claim
that finds such an intent *looks* for the message before it posts: there, it is done; not there, it
posts; where nobody can say, the notification is left *in doubt* for a person. A look comes no
sooner than ``SETTLE_SECONDS`` after the post it looks for, so that it cannot overtake it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from maverick_core.jobs.rules import Work
from maverick_core.kernel.errors import Conflict
from maverick_core.notifications.incidents import IncidentKind
from maverick_core.retry import Backoff, RetryPolicy, Trouble
from maverick_core.topology.routes import queue_of

SEND_ACTOR: Final = "notifications.send"
SEND_QUEUE: Final = queue_of(SEND_ACTOR)
MAX_CLAIMS: Final = 5
SETTLE_SECONDS: Final = 60.0  # several times as long as an answer is waited for
LEASE_SECONDS: Final = SETTLE_SECONDS
"""A lease begins with the intent to post, so a crash is looked after no sooner than that."""

RETRY: Final = RetryPolicy(
    {
        Trouble.LIMITED: Backoff(tries=20, first_seconds=1.0, cap_seconds=900.0),
        # An outage of a quarter of an hour is outlived.
        Trouble.UNAVAILABLE: Backoff(tries=MAX_CLAIMS, first_seconds=60.0, cap_seconds=3_600.0),
        Trouble.LOST: Backoff(
            tries=MAX_CLAIMS, first_seconds=2 * SETTLE_SECONDS, cap_seconds=3_600.0
        ),
    }
)


class NotificationState(StrEnum):
    """How far a notification is."""

    PENDING = "pending"
    """Waits for a worker, or for the time to try again."""
    SENDING = "sending"
    """A worker holds the lease, or held it when it died."""
    SENT = "sent"
    """The message is there. Never changes again."""
    FAILED = "failed"
    """The message is not there, and will not be by itself; the code says why."""
    IN_DOUBT = "in_doubt"
    """The message may be there, and nobody here can find out. A person looks."""


class NotificationEvent(StrEnum):
    """What happens to a notification."""

    CLAIM = "claim"
    ARRIVE = "arrive"
    """The message was taken, or found."""
    FAIL = "fail"
    DOUBT = "doubt"
    HAND_BACK = "hand_back"
    """Nothing came of it this time; it is tried again later."""
    RESEND = "resend"
    """A person wants it to be sent after all."""


_S, _E = NotificationState, NotificationEvent

NOTIFICATION_TRANSITIONS: Final[
    Mapping[NotificationState, Mapping[NotificationEvent, NotificationState]]
] = MappingProxyType(
    {
        _S.PENDING: MappingProxyType(
            {_E.CLAIM: _S.SENDING, _E.FAIL: _S.FAILED, _E.DOUBT: _S.IN_DOUBT}
        ),
        _S.SENDING: MappingProxyType(
            {
                _E.CLAIM: _S.SENDING,
                _E.ARRIVE: _S.SENT,
                _E.FAIL: _S.FAILED,
                _E.DOUBT: _S.IN_DOUBT,
                _E.HAND_BACK: _S.PENDING,
            }
        ),
        _S.SENT: MappingProxyType({}),
        _S.FAILED: MappingProxyType({_E.RESEND: _S.PENDING}),
        _S.IN_DOUBT: MappingProxyType({_E.RESEND: _S.PENDING}),
    }
)

WAITING: Final = (NotificationState.PENDING, NotificationState.SENDING)
"""States that a claim may find."""


def after(state: NotificationState, event: NotificationEvent) -> NotificationState:
    """Return the state that ``event`` leads to.

    Raises:
        Conflict: the event cannot happen to a notification in this state.

    """
    try:
        return NOTIFICATION_TRANSITIONS[state][event]
    except KeyError:
        raise Conflict(
            f"A notification that is {state} cannot take the step {event!r}.",
            code="notification_state",
            remedy='Look at it with "maverick notifications list".',
        ) from None


def exhausted(*, posted: bool) -> NotificationEvent:
    """Return how a notification ends that was claimed too often; ``posted``: it may be there."""
    return NotificationEvent.DOUBT if posted else NotificationEvent.FAIL


EXHAUSTED_CODE: Final = "too_many_claims"
EXHAUSTED_DETAIL: Final = f"{MAX_CLAIMS} workers took it and none of them came to an end."


def not_resent(notification_id: int, state: NotificationState) -> Conflict:
    """Return the error of who wants to resend what is sent, or still on its way."""
    remedy = {
        NotificationState.SENT: "Nothing is to be done: people have been told.",
        NotificationState.PENDING: "Wait; it is sent by itself when its time has come.",
        NotificationState.SENDING: "Wait; a worker has it.",
    }
    return Conflict(
        f"Notification {notification_id} is {state}; only one that failed or is in doubt "
        "is sent again.",
        code="not_resendable",
        remedy=remedy.get(state, ""),
    )


def send_work(notification_id: int, fence: int) -> Work:
    """Return the next sending of a notification."""
    return Work(SEND_QUEUE, SEND_ACTOR, notification_id, f"notify:{notification_id}:{fence}")


@dataclass(frozen=True, slots=True)
class Notification:
    """A notification as a list shows it. ``due_at`` is when it is tried next, if it waits."""

    id: int
    kind: IncidentKind
    slug: str
    batch_id: int | None
    text: str
    state: NotificationState
    claims: int
    created_at: datetime
    due_at: datetime
    ended_at: datetime | None
    code: str
    detail: str
    resent_by: str
