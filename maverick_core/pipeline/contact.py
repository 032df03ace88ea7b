"""Where a contact can be, and what moves it: the table that all stages share.

Nothing stores these states on the contact. They are derived from the batch it is a member of, from
the chunk that carries it and from its outcome, so that the hot path appends and never updates.

::

    verified --plan--> batched --send--> in_doubt --accept--> uploaded --refuse_attach-->
        ^                 |                 |                             not_attachable
        +----release------+                 |--skip------> skipped
                                            |--reject----> rejected
                                            +--not_taken-> batched
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class ContactState(StrEnum):
    """The bucket that a contact is in; it is in exactly one at every moment."""

    VERIFIED = "verified"
    """Can be mailed; waits for a batch."""
    BATCHED = "batched"
    """Member of a live batch; never sent, or certainly not taken."""
    IN_DOUBT = "in_doubt"
    """Sent, and the answer is not known. Settled by sending it again, never guessed."""
    UPLOADED = "uploaded"
    """The destination took it: it counts against the month's target."""
    NOT_ATTACHABLE = "not_attachable"
    """Taken and counted, but the destination will not have it in the campaign."""
    SKIPPED = "skipped"
    """The destination left it out of a good answer without a word, or it was suppressed."""
    REJECTED = "rejected"
    """The destination refused it and said why."""


NOT_TAKEN: Final = frozenset(
    {ContactState.SKIPPED, ContactState.REJECTED, ContactState.NOT_ATTACHABLE}
)
"""What is wrong with the contact, or with the campaign that it was for."""


class Outcome(StrEnum):
    """What became of a contact at the destination, recorded once ever."""

    ACCEPTED = "accepted"
    SKIPPED = "skipped"
    REJECTED = "rejected"
    NOT_ATTACHABLE = "not_attachable"
    """Accepted and counted, but the campaign will not have it."""


class ContactEvent(StrEnum):
    """What happens to a contact."""

    PLAN = "plan"
    SEND = "send"
    NOT_TAKEN = "not_taken"
    ACCEPT = "accept"
    SKIP = "skip"
    REJECT = "reject"
    REFUSE_ATTACH = "refuse_attach"
    RELEASE = "release"


CONTACT_TRANSITIONS: Final[Mapping[ContactState, Mapping[ContactEvent, ContactState]]] = (
    MappingProxyType(
        {
            ContactState.VERIFIED: MappingProxyType({ContactEvent.PLAN: ContactState.BATCHED}),
            ContactState.BATCHED: MappingProxyType(
                {
                    ContactEvent.SEND: ContactState.IN_DOUBT,
                    ContactEvent.RELEASE: ContactState.VERIFIED,
                }
            ),
            ContactState.IN_DOUBT: MappingProxyType(
                {
                    ContactEvent.SEND: ContactState.IN_DOUBT,
                    ContactEvent.NOT_TAKEN: ContactState.BATCHED,
                    ContactEvent.ACCEPT: ContactState.UPLOADED,
                    ContactEvent.SKIP: ContactState.SKIPPED,
                    ContactEvent.REJECT: ContactState.REJECTED,
                }
            ),
            ContactState.UPLOADED: MappingProxyType(
                {ContactEvent.REFUSE_ATTACH: ContactState.NOT_ATTACHABLE}
            ),
            ContactState.NOT_ATTACHABLE: MappingProxyType({}),
            ContactState.SKIPPED: MappingProxyType({}),
            ContactState.REJECTED: MappingProxyType({}),
        }
    )
)

SKIPPED_REASON: Final = "Email Bison left it out of a good answer, as it does personal domains."

COUNTED: Final = frozenset({ContactState.UPLOADED, ContactState.NOT_ATTACHABLE})
"""The states that count against the target (reliability.md, decision 6)."""
