"""What people are told of: a batch that failed, a token that was refused, one that is good again.

An incident is born in the transaction of the fact, and its key makes it unique: whoever meets the
same fact again has no news. Its words are fixed there and then, because the record moves on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from maverick_core.kernel.ids import batch_name
from maverick_core.kernel.masking import masked
from maverick_core.pipeline.upload.failures import remedy

_LONGEST_CAUSE: Final = 300  # characters


class IncidentKind(StrEnum):
    """What happened."""

    BATCH_FAILED = "batch_failed"
    """A batch stopped and waits for a person."""
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - a kind of incident, not a secret
    """Email Bison refused a workspace's token, so that its batches wait."""
    TOKEN_GOOD_AGAIN = "token_good_again"  # noqa: S105
    """A tested token replaced the refused one, and the batches go on."""


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident. ``text`` is what people read; two incidents with one ``key`` are one."""

    kind: IncidentKind
    key: str
    workspace_id: int
    batch_id: int | None
    text: str


@dataclass(frozen=True, slots=True)
class FailedBatch:
    """What is told of a failed batch. Counts are contacts."""

    batch_id: int
    fence: int
    workspace_id: int
    slug: str
    contacts: int
    accepted: int
    skipped: int
    rejected: int
    code: str
    detail: str

    @property
    def left(self) -> int:
        """Contacts without an outcome."""
        return self.contacts - self.accepted - self.skipped - self.rejected


def batch_failed(batch: FailedBatch) -> Incident:
    """Tell of a failed batch.

    The fence is in the key: it moves when the batch is re-queued, so failing again is news.
    """
    name = batch_name(batch.batch_id)
    return Incident(
        kind=IncidentKind.BATCH_FAILED,
        key=f"{IncidentKind.BATCH_FAILED}:{batch.batch_id}:{batch.fence}",
        workspace_id=batch.workspace_id,
        batch_id=batch.batch_id,
        text=_lines(
            f"Batch {name} of {batch.slug} failed · {batch.code}: {_cause(batch.detail)}",
            f"Contacts: {batch.contacts:,}. Uploaded {batch.accepted:,}, "
            f"skipped {batch.skipped:,}, rejected {batch.rejected:,}, left {batch.left:,}.",
            f"What to do: {remedy(batch.code, slug=batch.slug)}",
            f'See it with "maverick batches show {name}".',
        ),
    )


def token_refused(
    workspace_id: int, slug: str, *, set_at: datetime, batch_id: int | None = None
) -> Incident:
    """Tell that the token stored at ``set_at`` is refused.

    ``batch_id`` is the batch that met it and failed; it is told of here and nowhere else.
    """
    waits = (
        f"Batch {batch_name(batch_id)} failed when it met this; the workspace's others wait."
        if batch_id
        else "The workspace's batches wait."
    )
    again = f', then "maverick batches requeue {batch_name(batch_id)}"' if batch_id else ""
    return Incident(
        kind=IncidentKind.TOKEN_REFUSED,
        key=f"{IncidentKind.TOKEN_REFUSED}:{workspace_id}:{_instant(set_at)}",
        workspace_id=workspace_id,
        batch_id=batch_id,
        text=_lines(
            f"Email Bison refuses the token of {slug}. {waits}",
            f"What to do: make a new token in Email Bison and store it with "
            f'"maverick tokens set {slug}"{again}.',
        ),
    )


def token_good_again(workspace_id: int, slug: str, *, refused_set_at: datetime) -> Incident:
    """Tell that a tested token replaced the refused one that was stored at ``refused_set_at``."""
    return Incident(
        kind=IncidentKind.TOKEN_GOOD_AGAIN,
        key=f"{IncidentKind.TOKEN_GOOD_AGAIN}:{workspace_id}:{_instant(refused_set_at)}",
        workspace_id=workspace_id,
        batch_id=None,
        text=_lines(
            f"The token of {slug} is good again: Email Bison accepts the one that replaced it.",
            "Its batches that waited go on by themselves; failed ones wait to be re-queued.",
        ),
    )


def tag(key: str, created_at: datetime) -> str:
    """Return what a message carries unseen, so that it can be found again.

    The instant is in it because databases that share a channel count their batches alike.
    """
    return f"{key}@{_instant(created_at)}"


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _cause(detail: str) -> str:
    """Return the cause on one line; the destination's words may quote anybody."""
    return " ".join(masked(detail).split())[:_LONGEST_CAUSE] or "no reason was given."


def _lines(*lines: str) -> str:
    return "\n".join(lines)
