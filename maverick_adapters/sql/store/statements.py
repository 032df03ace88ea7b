"""The statements that every chunk needs, made once: making one costs more than running it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, bindparam, func, insert, update
from sqlalchemy.sql.dml import ReturningUpdate

from maverick_adapters.sql.tables import batch_chunks, contact_batches, uploads
from maverick_core.pipeline.batch import BatchState, ChunkState

_batch, _chunk = contact_batches.c, batch_chunks.c
_this_chunk = (_chunk.batch_id == bindparam("of_batch")) & (_chunk.number == bindparam("of_chunk"))


def prove_claim(lease_end: ColumnElement[datetime]) -> ReturningUpdate[tuple[bool]]:
    """Return the update that proves a claim, renews its lease and adds to the batch's sums.

    No row comes back where the claim is not valid any more.
    """
    sums = ("accepted", "skipped", "rejected", "not_attachable")
    return (
        update(contact_batches)
        .where(
            _batch.id == bindparam("of_batch"),
            _batch.fence == bindparam("of_fence"),
            _batch.state == BatchState.UPLOADING,
        )
        .values(
            lease_until=lease_end,
            updated_at=bindparam("at"),
            **{name: _batch[name] + bindparam(f"more_{name}") for name in sums},
        )
        .returning(_batch.cancel_requested)
    )


MARK_SENT: Final = (
    update(batch_chunks)
    .where(_this_chunk, _chunk.state.in_((ChunkState.PLANNED, ChunkState.SENT)))
    .values(state=ChunkState.SENT, sends=_chunk.sends + 1)
)

ADD_TO_CHUNK: Final = (
    update(batch_chunks)
    .where(_this_chunk)
    .values(
        state=func.coalesce(bindparam("new_state", type_=_chunk.state.type), _chunk.state),
        **{
            name: _chunk[name] + bindparam(f"more_{name}")
            for name in ("accepted", "skipped", "rejected")
        },
    )
)

NOTE_UPLOAD: Final = insert(uploads).inline()
