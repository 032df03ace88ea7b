"""The worker groups of the production and the local set-up: the seeds' two tables (Q3, Q4, Q6).

The names lose the seeds' ``celery-``. Where the seeds leave a queue without a consumer, a group
here takes it on: ``beat`` consumes ``default`` (flower, the other consumer that the seeds name, is
a console), and the local groups share the queues that the local table does not have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from maverick_core.kernel.errors import Missing

SOFT_LIMIT_SECONDS: Final = 21_600  # task_soft_time_limit
HARD_LIMIT_SECONDS: Final = 28_800  # task_time_limit
PREFETCH_MULTIPLIER: Final = 1  # worker_prefetch_multiplier: one message for each thread
TASKS_PER_CHILD: Final = 50  # worker_max_tasks_per_child


@dataclass(frozen=True, slots=True)
class WorkerGroup:
    """A group of workers: which queues it consumes, how many tasks at a time, and for how long.

    ``concurrency`` is tasks at a time on each queue; after ``tasks_per_child`` tasks a process is
    replaced by a fresh one.
    """

    name: str
    queues: tuple[str, ...]
    concurrency: int
    tasks_per_child: int = TASKS_PER_CHILD


PRODUCTION: Final = (
    WorkerGroup("scraping", ("scraping",), 3, 25),
    WorkerGroup("csv", ("csv_processing",), 4, 100),
    WorkerGroup("filtering", ("filtering",), 2, 100),
    WorkerGroup("verification", ("verification",), 1, 500),
    WorkerGroup("webhooks", ("webhooks", "email_bison"), 4, 200),
    WorkerGroup("notifications", ("notifications", "email_events"), 4, 200),
    WorkerGroup("batching", ("batching", "bison_uploads"), 3, 50),
    WorkerGroup("sync", ("sync_periodic",), 3, 50),
    WorkerGroup("sync-heavy", ("sync_heavy",), 1, 20),
    WorkerGroup("beat", ("default",), 1),
)

LOCAL: Final = (
    WorkerGroup("scraping", ("scraping",), 1, 10),
    WorkerGroup("csv", ("csv_processing",), 2, 50),
    WorkerGroup("filtering", ("filtering",), 1, 50),
    WorkerGroup("verification", ("verification",), 2, 25),
    WorkerGroup(
        "batching",
        ("batching", "email_bison", "bison_uploads", "webhooks", "notifications", "email_events"),
        1,
        50,
    ),
    WorkerGroup("beat", ("default", "sync_periodic", "sync_heavy"), 1),
)

OLD_NAMES: Final = {"email-bison": "bison_uploads", "email_bison": "bison_uploads"}
"""What the operations page calls the upload worker, and the queue that does its work (Q7)."""


def groups_of(name: str, groups: tuple[WorkerGroup, ...] = PRODUCTION) -> tuple[WorkerGroup, ...]:
    """Return the groups that ``name`` means: a group's name, a queue's, or one of old.

    ``celery-`` in front and the seeds' names for the upload worker are understood. The queue
    ``email_bison`` exists too; asked for by that name, its own group and the uploads' are returned.

    Raises:
        Missing: ``worker_group_missing``.

    """
    plain = name.removeprefix("celery-")
    queues = {plain, OLD_NAMES.get(plain, plain)}
    found = tuple(
        group for group in groups if group.name == plain or queues.intersection(group.queues)
    )
    if not found:
        raise Missing(
            f"There is no worker group {name!r}.",
            code="worker_group_missing",
            remedy=f"The groups are {', '.join(group.name for group in groups)}.",
        )
    return found
