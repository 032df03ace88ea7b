"""Which queue a task goes to: the seeds' table in the seeds' order, the first match wins (Q2).

``webhook.process_lead_interested`` stands above ``webhook.*`` and so goes to notifications. The row
``options`` is no task of ours; it is kept because the table is the record of how things were.
Tasks of our own that the table would leave to ``default`` have routes behind it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from maverick_core.topology.queues import DEFAULT_QUEUE


class Route(NamedTuple):
    """A task's name, or the start of one before ``*``, and the queue that what matches goes to."""

    pattern: str
    queue: str

    def takes(self, task: str) -> bool:
        """Say whether the task goes this way."""
        start, star, _ = self.pattern.partition("*")
        return task.startswith(start) if star else task == self.pattern


ROUTES: Final = tuple(
    Route(*row.split(" -> "))
    for row in """\
app.workers.tasks.scraping.* -> scraping
app.workers.tasks.processing.* -> csv_processing
app.workers.tasks.filtering.* -> filtering
app.workers.tasks.verification.* -> verification
app.workers.tasks.batching.* -> batching
webhook.process_lead_interested -> notifications
webhook.process_lead_replied -> notifications
webhook.process_email_bounced -> notifications
webhook.recover_interest_for_reply -> notifications
sentiment.* -> notifications
auto_reply.* -> notifications
app.workers.tasks.webhook_processing.* -> webhooks
webhook.* -> webhooks
app.workers.tasks.email_bison_integration.* -> bison_uploads
email_bison.upload_batch -> bison_uploads
email_bison.generate_and_upload_batches -> bison_uploads
audit.* -> sync_heavy
billing.* -> sync_heavy
email_bison.sync_now -> email_bison
email_bison.* -> sync_periodic
daily_metrics.* -> sync_periodic
infra_orders.* -> sync_periodic
daily_infra_reports.* -> sync_periodic
verification_maintenance.* -> sync_periodic
volume_tracking.* -> sync_periodic
reconcile_interested.* -> sync_periodic
options -> sync_periodic""".splitlines()
)

OWN_ROUTES: Final = (
    Route("notifications.*", "notifications"),
    # They read far and wide, and nobody waits: with the audit, away from the frequent syncs.
    Route("master_db_fill.*", "sync_heavy"),
)
"""Tasks that no row of the table matches. They stand beside it, and it stays as it was."""

ALL_ROUTES: Final = (*ROUTES, *OWN_ROUTES)


def queue_of(task: str) -> str:
    """Return the queue that the task called ``task`` goes to."""
    for route in ALL_ROUTES:
        if route.takes(task):
            return route.queue
    return DEFAULT_QUEUE
