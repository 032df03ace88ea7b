"""The whole job in one process: the production actors on brokers and workers of this process.

Nothing but the database is shared with other processes, and nothing that matters is kept here: the
queues are filled from the database by the sweep, as they are filled again in production.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any, Final

import dramatiq
from dramatiq import Broker, Worker
from dramatiq.broker import MessageProxy

from maverick_adapters.container import Wired
from maverick_adapters.queueing import QueueDoorbell
from maverick_core.jobs.rules import UPLOAD_QUEUE
from maverick_core.notifications.rules import SEND_ACTOR, SEND_QUEUE
from maverick_core.operations.rules import ACTORS, OperationKind
from maverick_core.pipeline.batch import BatchState
from maverick_core.pipeline.pages import BatchFilter
from maverick_core.pipeline.raw_import.rules import IMPORT_ACTOR, IMPORT_QUEUE
from maverick_core.pipeline.upload.sweep import SweepBatches
from maverick_core.topology.routes import queue_of
from maverick_runners.app import ACTORS as DECLARE
from maverick_runners.brokers import embedded_brokers, forbid_global_broker
from maverick_runners.collector import calm_collector

_MANY: Final = 10_000  # batches looked at
_POLL_SECONDS: Final = 0.1
_WORKER_POLL_MS: Final = 50  # dramatiq's default of a second would be the latency of an idle queue


class OnceAtATime(dramatiq.Middleware):
    """A doorbell that does not ring again for what is waiting or running here already."""

    def __init__(self, broker: Broker, bell: QueueDoorbell | None = None) -> None:
        """Ring on ``broker``, for a batch or as ``bell`` does, and listen for what is done."""
        self._bell = bell or QueueDoorbell(broker)
        self._busy: set[int] = set()
        self._lock = threading.Lock()
        broker.add_middleware(self)

    def ring(self, batch_id: int) -> None:
        """Ring, unless the batch is busy here."""
        with self._lock:
            if batch_id in self._busy:
                return
            self._busy.add(batch_id)
        self._bell.ring(batch_id)

    def after_process_message(
        self,
        broker: Broker,  # noqa: ARG002 - dramatiq's signature
        message: MessageProxy,
        *,
        result: Any = None,  # noqa: ARG002
        exception: BaseException | None = None,  # noqa: ARG002
    ) -> None:
        """Forget the batch: it ended, or is to be found again by its lease."""
        with self._lock:
            self._busy.discard(message.args[0])

    @property
    def busy(self) -> int:
        """How many batches wait or run in this process."""
        return len(self._busy)


class EmbeddedUploads:
    """Uploads in this process until there is nothing left to upload."""

    def __init__(
        self,
        wired: Wired,
        bell: OnceAtATime,
        news: OnceAtATime,
        files: OnceAtATime,
        wishes: Mapping[OperationKind, OnceAtATime],
    ) -> None:
        """Use ``wired``; ring with ``bell`` for batches and with ``news`` for notifications.

        ``files`` rings for imports, ``wishes`` for what people asked for.
        """
        self._store = wired.store
        self._sweep = SweepBatches(wired.store, bell)
        self._bell = bell
        self._news = news
        self._files = files
        self._wishes = wishes
        # While there is work here, a look for more at every beat would be a sixth of all the work.
        self._sweep_beats = max(1, round(wired.settings.sweep_seconds / _POLL_SECONDS))
        self._pause = threading.Event()

    def run(
        self,
        *,
        workspace_id: int | None = None,
        slug: str | None = None,
        tick: Callable[[], None] = lambda: None,
    ) -> None:
        """Upload every batch that waits, of one workspace or of all, and return when none is left.

        A batch whose worker died is waited for until its lease ends, and then goes on. Whoever
        is on hold is not waited for: only a person can end that. ``tick`` is called ten times a
        second, for whoever shows progress.
        """
        for beat in count():
            if not self._bell.busy or beat % self._sweep_beats == 0:
                self._do_what_was_asked_for()
                self._sweep(workspace_id=workspace_id)
                self._tell()
                if not (self._busy or self._unfinished(slug)):
                    break
            tick()
            self._pause.wait(_POLL_SECONDS)
        tick()

    @property
    def _busy(self) -> bool:
        bells = (self._bell, self._news, self._files, *self._wishes.values())
        return any(bell.busy for bell in bells)

    def _do_what_was_asked_for(self) -> None:
        """Ring for operations and imports that wait, those of dead workers too."""
        for operation in self._store.waiting_operations(limit=_MANY):
            self._wishes[operation.kind].ring(operation.id)
        for import_id in self._store.waiting_imports(limit=_MANY):
            self._files.ring(import_id)

    def _tell(self) -> None:
        """Ring for what people are to be told now; what is to be tried later is not waited for."""
        for notification_id in self._store.waiting_notifications(limit=_MANY):
            self._news.ring(notification_id)

    def _unfinished(self, slug: str | None) -> bool:
        """Say whether a batch is left that some worker, here or elsewhere, will bring to an end."""
        wanted = BatchFilter(frozenset({BatchState.READY, BatchState.UPLOADING}), slug)
        return any(batch.hold is None for batch in self._store.batches(wanted, limit=_MANY))


@contextmanager
def embedded(wired: Wired) -> Iterator[EmbeddedUploads]:
    """Run the production actors in this process for the length of the block.

    Leaving the block, also by an exception or Ctrl-C, lets every upload record what is under way
    and hand its batch back.
    """
    forbid_global_broker()
    brokers = embedded_brokers()
    for queue, declare in DECLARE.items():
        declare(brokers[queue], wired)
    bell = OnceAtATime(brokers[UPLOAD_QUEUE])
    news = OnceAtATime(
        brokers[SEND_QUEUE],
        QueueDoorbell(brokers[SEND_QUEUE], queue=SEND_QUEUE, actor=SEND_ACTOR),
    )
    files = OnceAtATime(
        brokers[IMPORT_QUEUE],
        QueueDoorbell(brokers[IMPORT_QUEUE], queue=IMPORT_QUEUE, actor=IMPORT_ACTOR),
    )
    wishes = {
        kind: OnceAtATime(
            brokers[queue_of(actor)],
            QueueDoorbell(brokers[queue_of(actor)], queue=queue_of(actor), actor=actor),
        )
        for kind, actor in ACTORS.items()
    }
    threads = dict.fromkeys(brokers, 1) | {UPLOAD_QUEUE: wired.settings.upload_threads}
    workers = [
        Worker(broker, worker_threads=threads[queue], worker_timeout=_WORKER_POLL_MS)
        for queue, broker in brokers.items()
    ]
    for broker, worker in zip(brokers.values(), workers, strict=True):
        broker.emit_after("process_boot")  # starts the time limit's watch
        worker.start()
    try:
        with calm_collector():
            yield EmbeddedUploads(wired, bell, news, files, wishes)
    finally:
        wired.airfield.stop()
        for worker in workers:
            worker.stop()
        for broker in brokers.values():
            broker.close()
