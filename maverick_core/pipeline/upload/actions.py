"""What the upload machine wants done next, and what it is given to start from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from maverick_core.pipeline.batch import BatchEvent


@dataclass(frozen=True, slots=True)
class ChunkLeft:
    """What is left to do of one chunk when a batch is claimed.

    ``contacts`` are the ids without an outcome, in their frozen order. ``in_doubt`` says that an
    earlier claim sent the chunk and did not live to record what became of it. ``to_attach`` pairs
    contact id and lead id of those that were taken but are not yet known to be in the campaign.
    """

    number: int
    contacts: tuple[int, ...]
    in_doubt: bool = False
    to_attach: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Push:
    """Send these contacts as leads. The chunk must be on record as sent *before* that."""

    request: int
    chunk: int
    contacts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Attach:
    """Put these leads into the campaign; ``lead_ids[i]`` belongs to ``contacts[i]``."""

    request: int
    chunk: int
    contacts: tuple[int, ...]
    lead_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Settle:
    """Put these outcomes on record, all of them or none, before anything else is done.

    ``settled`` says that with these the chunk has every outcome; ``attached`` that its leads are
    all in the campaign or known not to go there.
    """

    chunk: int
    accepted: Sequence[tuple[int, int]] = ()
    """(contact id, lead id)"""
    skipped: Sequence[int] = ()
    suppressed: Sequence[tuple[int, str]] = ()
    """(contact id, reason); these are skipped because nobody may write to them any more"""
    rejected: Sequence[tuple[int, str]] = ()
    """(contact id, reason)"""
    not_attachable: Sequence[tuple[int, str]] = ()
    """(contact id, reason); these were accepted before"""
    settled: bool = False
    attached: bool = False


@dataclass(frozen=True, slots=True)
class Listen:
    """Nothing to start: wait until a request that is under way is answered."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing is under way and nothing may start for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class End:
    """The upload is over for this claim; ``event`` is what happens to the batch.

    ``not_sent`` are chunks that certainly nothing was taken of since their last outcomes, so their
    contacts are no longer in doubt. ``holds_workspace``: its token was refused, so no other batch
    of the workspace may be sent until a tested token is stored.
    """

    event: BatchEvent
    code: str = ""
    detail: str = ""
    not_sent: tuple[int, ...] = ()
    holds_workspace: bool = False


Action = Push | Attach | Settle | Listen | Pause | End
