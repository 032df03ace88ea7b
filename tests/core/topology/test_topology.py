"""The topology is the seeds' own, row by row, apart from what is said here."""

from __future__ import annotations

import pytest

from maverick_core.kernel.errors import Conflict, Missing
from maverick_core.topology import workers
from maverick_core.topology.checks import check, problems
from maverick_core.topology.queues import QUEUES
from maverick_core.topology.routes import OWN_ROUTES, ROUTES, Route, queue_of
from maverick_core.topology.workers import LOCAL, PRODUCTION, WorkerGroup, groups_of

SEED_ROUTES = """\
app.workers.tasks.scraping.* | scraping
app.workers.tasks.processing.* | csv_processing
app.workers.tasks.filtering.* | filtering
app.workers.tasks.verification.* | verification
app.workers.tasks.batching.* | batching
webhook.process_lead_interested | notifications
webhook.process_lead_replied | notifications
webhook.process_email_bounced | notifications
webhook.recover_interest_for_reply | notifications
sentiment.* | notifications
auto_reply.* | notifications
app.workers.tasks.webhook_processing.* | webhooks
webhook.* | webhooks
app.workers.tasks.email_bison_integration.* | bison_uploads
email_bison.upload_batch | bison_uploads
email_bison.generate_and_upload_batches | bison_uploads
audit.* | sync_heavy
billing.* | sync_heavy
email_bison.sync_now | email_bison
email_bison.* | sync_periodic
daily_metrics.* | sync_periodic
infra_orders.* | sync_periodic
daily_infra_reports.* | sync_periodic
verification_maintenance.* | sync_periodic
volume_tracking.* | sync_periodic
reconcile_interested.* | sync_periodic
options | sync_periodic"""

SEED_PRODUCTION = """\
celery-scraping | scraping | 3 | 25
celery-csv | csv_processing | 4 | 100
celery-filtering | filtering | 2 | 100
celery-verification | verification | 1 | 500
celery-webhooks | webhooks,email_bison | 4 | 200
celery-notifications | notifications,email_events | 4 | 200
celery-batching | batching,bison_uploads | 3 | 50
celery-sync | sync_periodic | 3 | 50
celery-sync-heavy | sync_heavy | 1 | 20
celery-beat | default | 1 | ---
flower | default | 1 | ---"""

SEED_LOCAL = """\
celery-scraping | scraping | 1 | 10
celery-csv | csv_processing | 2 | 50
celery-filtering | filtering | 1 | 50
celery-verification | verification | 2 | 25
celery-batching | batching,email_bison | 1 | 50
celery-beat | default | 1 | ---
flower | default | 1 | ---"""

ADDED_LOCALLY = {
    "batching": {"bison_uploads", "webhooks", "notifications", "email_events"},
    "beat": {"sync_periodic", "sync_heavy"},
}
"""Queues that the seeds' local table leaves without a consumer, and who has them here (Q6)."""

CONSOLES = {"flower"}  # no workers
UNLIMITED = "---"  # becomes the workers' default of 50


def seed_rows(table: str) -> list[list[str]]:
    return [row.split(" | ") for row in table.splitlines()]


def test_every_route_of_the_seeds_stands_in_its_place() -> None:
    """Order decides, so the whole table is compared as a sequence."""
    assert [list(route) for route in ROUTES] == seed_rows(SEED_ROUTES)


@pytest.mark.parametrize("route", OWN_ROUTES)
def test_no_route_of_ours_is_shadowed_by_one_of_the_seeds(route: Route) -> None:
    """A route behind the table counts only for tasks that no row of the table takes."""
    task = route.pattern.replace("*", "anything")

    assert not [row for row in ROUTES if row.takes(task)]
    assert queue_of(task) == route.queue


@pytest.mark.parametrize(
    ("groups", "table", "added"),
    [(PRODUCTION, SEED_PRODUCTION, {}), (LOCAL, SEED_LOCAL, ADDED_LOCALLY)],
)
def test_every_worker_of_the_seeds_is_a_group_with_its_figures(
    groups: tuple[WorkerGroup, ...], table: str, added: dict[str, set[str]]
) -> None:
    """Name, queues, concurrency and tasks per child, plus the queues that were added."""
    wanted = []
    for name, queues, concurrency, tasks in seed_rows(table):
        if name in CONSOLES:
            continue
        group = name.removeprefix("celery-")
        limit = workers.TASKS_PER_CHILD if tasks == UNLIMITED else int(tasks)
        wanted.append((group, {*queues.split(","), *added.get(group, ())}, int(concurrency), limit))

    ours = [(g.name, set(g.queues), g.concurrency, g.tasks_per_child) for g in groups]
    assert ours == wanted


def test_the_worker_defaults_are_the_seeds() -> None:
    """Soft limit, hard limit, prefetch and tasks per child."""
    defaults = (
        workers.SOFT_LIMIT_SECONDS,
        workers.HARD_LIMIT_SECONDS,
        workers.PREFETCH_MULTIPLIER,
        workers.TASKS_PER_CHILD,
    )

    assert defaults == (21_600, 28_800, 1, 50)


@pytest.mark.parametrize("groups", [PRODUCTION, LOCAL])
def test_no_queue_is_an_orphan(groups: tuple[WorkerGroup, ...]) -> None:
    """Every queue, and so every route, has a consumer in both set-ups."""
    assert problems(groups) == []
    check(groups)


@pytest.mark.parametrize("queue", QUEUES)
def test_a_set_up_that_lost_a_queue_is_refused_by_name(queue: str) -> None:
    """Take any queue away from its group, and the check says which one."""
    broken = [
        WorkerGroup(g.name, tuple(q for q in g.queues if q != queue), g.concurrency)
        for g in PRODUCTION
    ]

    with pytest.raises(Conflict, match=f"'{queue}' has no consumer"):
        check(broken)


def test_a_route_to_nowhere_is_refused() -> None:
    """A slip in a route would park its messages for ever."""
    found = problems(PRODUCTION, routes=[Route("x.*", "bison_upload")])

    assert "Tasks are routed to 'bison_upload', which is no queue." in found


@pytest.mark.parametrize(
    ("task", "queue"),
    [
        ("webhook.process_lead_interested", "notifications"),
        ("webhook.anything_else", "webhooks"),
        ("email_bison.upload_batch", "bison_uploads"),
        ("email_bison.sync_now", "email_bison"),
        ("email_bison.sync_campaigns_all", "sync_periodic"),
        ("app.workers.tasks.batching.create", "batching"),
        ("monitoring.beat_heartbeat", "default"),
    ],
)
def test_the_first_route_that_matches_wins(task: str, queue: str) -> None:
    """A task without a route goes to the default queue."""
    assert queue_of(task) == queue


@pytest.mark.parametrize(
    ("name", "groups"),
    [
        ("batching", {"batching"}),
        ("bison_uploads", {"batching"}),
        ("celery-email-bison", {"batching"}),
        ("email_bison", {"batching", "webhooks"}),
        ("celery-sync-heavy", {"sync-heavy"}),
    ],
)
def test_old_names_find_the_workers_that_do_the_work(name: str, groups: set[str]) -> None:
    """The operations page says email_bison where uploads run in the batching group."""
    assert {group.name for group in groups_of(name)} == groups


def test_an_unknown_worker_is_missing_and_the_known_ones_are_named() -> None:
    """The remedy lists what there is."""
    with pytest.raises(Missing) as error:
        groups_of("baching")

    assert "batching" in error.value.remedy
