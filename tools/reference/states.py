"""The page of the states and transitions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final, TypeVar

from maverick_core.notifications.rules import (
    NOTIFICATION_TRANSITIONS,
    NotificationEvent,
    NotificationState,
)
from maverick_core.pipeline.batch import (
    BATCH_TRANSITIONS,
    LIVE,
    MAX_CLAIMS,
    BatchEvent,
    BatchState,
    ChunkState,
)
from maverick_core.pipeline.contact import (
    CONTACT_TRANSITIONS,
    COUNTED,
    ContactEvent,
    ContactState,
)
from maverick_core.targets.forecast import Outlook
from maverick_core.workspaces.rules import Hold
from tools.reference.markdown import code, document, one_line, table
from tools.reference.source import member_docs

_State = TypeVar("_State", bound=StrEnum)
_Event = TypeVar("_Event", bound=StrEnum)

_BATCH_EVENTS: Final = {
    BatchEvent.CLAIM: "A worker takes the batch, or takes over one whose lease has expired.",
    BatchEvent.FINISH: "Every contact has its outcome and every lead that can be is attached.",
    BatchEvent.FAIL: "The upload met something that only a person can put right.",
    BatchEvent.EXHAUST: f"{MAX_CLAIMS} claims came to no end; the next one fails the batch.",
    BatchEvent.HAND_BACK: "The worker stops, or the workspace is on hold: nobody's fault.",
    BatchEvent.REQUEUE: "A person sends a failed batch round again.",
    BatchEvent.CANCEL: "A person stops the batch; what is in doubt is settled first.",
}

_CONTACT_EVENTS: Final = {
    ContactEvent.PLAN: "The contact becomes a member of a batch.",
    ContactEvent.SEND: "The intent to send its chunk is put on record, before the request.",
    ContactEvent.NOT_TAKEN: "The attempt ended and the destination certainly took nothing of it.",
    ContactEvent.ACCEPT: "The destination took it and gave it a lead id.",
    ContactEvent.SKIP: "A good answer left it out.",
    ContactEvent.REJECT: "The destination refused it by itself, with a reason.",
    ContactEvent.REFUSE_ATTACH: "The campaign will not have the lead.",
    ContactEvent.RELEASE: "Its batch was cancelled before it was sent; it is free again.",
}

_NOTIFICATION_EVENTS: Final = {
    NotificationEvent.CLAIM: "A worker takes it, or takes over one whose lease has expired.",
    NotificationEvent.ARRIVE: "The message was taken, or found in the channel.",
    NotificationEvent.FAIL: "The message is not there, and trying again would not help.",
    NotificationEvent.DOUBT: "The message may be there, and nobody here can find out.",
    NotificationEvent.HAND_BACK: "Nothing came of it this time; it is tried again later.",
    NotificationEvent.RESEND: "A person has looked, and sends it again.",
}

_OUTLOOKS: Final = {
    Outlook.NO_TARGET: "No target is set for the month.",
    Outlook.REACHED: "As many contacts as the target asks for are uploaded.",
    Outlook.TOO_EARLY: "Fewer than three working days of the month are over.",
    Outlook.ON_PACE: "The target is reached with a likelihood of at least 80 %.",
    Outlook.AT_RISK: "The likelihood is between 40 % and 80 %.",
    Outlook.WILL_MISS: "The likelihood is below 40 %.",
    Outlook.SHORT_OF_CONTACTS: "There are too few verified contacts, whatever the rate.",
}

_INTRODUCTION = """
These tables are the ones that the code acts on: a step that is not in them is refused.
"""


def page() -> str:
    """Return the page."""
    return document(
        "States and transitions",
        _INTRODUCTION,
        "## Batch",
        _states(BatchState),
        "### What moves a batch",
        _transitions(BATCH_TRANSITIONS, _BATCH_EVENTS),
        f"Unsettled contacts of a batch that is {_listed(LIVE)} hold room in the month's target.",
        "## Chunk",
        "A batch is sent in chunks of at most 500 contacts; each has a state of its own.",
        _states(ChunkState),
        "## Contact",
        _states(ContactState),
        "### What moves a contact",
        _transitions(CONTACT_TRANSITIONS, _CONTACT_EVENTS),
        f"A contact that is {_listed(COUNTED)} counts against the month's target.",
        "## Workspace on hold",
        "No batch of a workspace is sent while it is on hold.",
        _states(Hold),
        "## Notification",
        "What people are told of an incident, once.",
        _states(NotificationState),
        "### What moves a notification",
        _transitions(NOTIFICATION_TRANSITIONS, _NOTIFICATION_EVENTS),
        "## Outlook of a month",
        table(("outlook", "meaning"), [(code(each), _OUTLOOKS[each]) for each in Outlook]),
    )


def _states(enum: type[StrEnum]) -> str:
    docs = member_docs(enum)
    return table(("state", "meaning"), [(code(each), one_line(docs[each])) for each in enum])


def _transitions(
    transitions: Mapping[_State, Mapping[_Event, _State]], meanings: Mapping[_Event, str]
) -> str:
    rows = [
        (code(state), code(event), code(after), meanings[event])
        for state, events in transitions.items()
        for event, after in events.items()
    ]
    final = [state for state, events in transitions.items() if not events]
    steps = table(("from", "step", "to", "when"), rows)
    return f"{steps}\n\nNothing leaves {_listed(final)}."


def _listed(states: Iterable[StrEnum]) -> str:
    names = sorted(map(str, states))
    before = ", ".join(map(code, names[:-1]))
    return f"{before} or {code(names[-1])}" if before else code(names[-1])
