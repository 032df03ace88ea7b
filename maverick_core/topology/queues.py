"""The queues. Each has a broker of its own (scope Q1, Q5)."""

from __future__ import annotations

from typing import Final

QUEUES: Final = (
    "scraping",
    "csv_processing",
    "filtering",
    "verification",
    "batching",
    "bison_uploads",
    "webhooks",
    "email_bison",
    "notifications",
    "email_events",
    "sync_periodic",
    "sync_heavy",
    "default",
)

DEFAULT_QUEUE: Final = "default"
"""Where a task goes that no route names."""
