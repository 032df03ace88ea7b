"""Requests that come twice: answered once, and the same way again for a day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from maverick_core.kernel.errors import Conflict, Rejected

RUNS_AT_MOST: Final = timedelta(minutes=1)
"""A request that began so long ago and has no answer is taken for dead.

One that ends later all the same is given the answer of the one that took over, or gives it its own;
whatever both did was done twice.
"""
ANSWERS_KEPT: Final = timedelta(days=1)
"""How long an answer is given again."""


def begins_again(began_at: datetime, *, answered: bool, at: datetime) -> bool:
    """Say whether a request that came before is no obstacle: it died, or its answer is too old."""
    return began_at <= at - (ANSWERS_KEPT if answered else RUNS_AT_MOST)


def check_repeated(*, same: bool, answered: bool) -> None:
    """Let a request that came before be answered as it was.

    Raises:
        Rejected: ``idempotency_key_reused``, this is another request.
        Conflict: ``request_running``, there is no answer yet.

    """
    if not same:
        raise Rejected(
            "The Idempotency-Key came before, with another request.",
            code="idempotency_key_reused",
            remedy="Use a new key for each request; repeat a request with the same body.",
        )
    if not answered:
        raise Conflict(
            "The same request is still running.",
            code="request_running",
            remedy="Send it again in a few seconds, with the same Idempotency-Key.",
        )
