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
from maverick_core.jobs.rules import UPLOAD_ACTOR, UPLOAD_QUEUE
from maverick_core.notifications.rules import SEND_ACTOR, SEND_QUEUE
from maverick_core.operations.rules import ACTORS
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
    """Knows what waits or runs on a broker of this process, so that it is not rung for again."""

    def __init__(self, broker: Broker) -> None:
        """Listen on ``broker`` for what is done."""
        self._broker = broker
        self._busy: set[tuple[str, int]] = set()
        self._lock = threading.Lock()
        broker.add_middleware(self)

    def bell(self, *, queue: str = UPLOAD_QUEUE, actor: str = UPLOAD_ACTOR) -> Bell:
        """Return the doorbell of an actor on this broker; a batch's, unless told otherwise."""
        return Bell(self, actor, QueueDoorbell(self._broker, queue=queue, actor=actor))

    def begin(self, actor: str, id_: int) -> bool:
        """Note that the actor has it from now on; False says that it has it already."""
        with self._lock:
            if (actor, id_) in self._busy:
                return False
            self._busy.add((actor, id_))
        return True

    def after_process_message(
        self,
        broker: Broker,  # noqa: ARG002 - dramatiq's signature
        message: MessageProxy,
        *,
        result: Any = None,  # noqa: ARG002
        exception: BaseException | None = None,  # noqa: ARG002
    ) -> None:
        """Forget it: it ended, or is to be found again by its lease."""
        with self._lock:
            self._busy.discard((message.actor_name, message.args[0]))

    @property
    def busy(self) -> int:
        """How much waits or runs in this process."""
        return len(self._busy)


class Bell:
    """A doorbell that does not ring again for what is waiting or running here already."""

    def __init__(self, once: OnceAtATime, actor: str, bell: QueueDoorbell) -> None:
        """Ring as ``bell`` does, for ``actor``."""
        self._once = once
        self._actor = actor
        self._bell = bell

    def ring(self, id_: int) -> None:
        """Ring, unless it is busy here."""
        if self._once.begin(self._actor, id_):
            self._bell.ring(id_)


class EmbeddedUploads:
    """Uploads in this process until there is nothing left to upload."""

    def __init__(self, wired: Wired, brokers: Mapping[str, OnceAtATime]) -> None:
        """Ring for batches, notifications, imports and what people asked for, by name of queue."""
        self._store = wired.store
        self._brokers = brokers
        self._uploads = brokers[UPLOAD_QUEUE]
        self._sweep = SweepBatches(wired.store, self._uploads.bell())
        self._news = brokers[SEND_QUEUE].bell(queue=SEND_QUEUE, actor=SEND_ACTOR)
        self._files = brokers[IMPORT_QUEUE].bell(queue=IMPORT_QUEUE, actor=IMPORT_ACTOR)
        self._wishes = {
            kind: brokers[queue_of(actor)].bell(queue=queue_of(actor), actor=actor)
            for kind, actor in ACTORS.items()
        }
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
            if not self._uploads.busy or beat % self._sweep_beats == 0:
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
        return any(broker.busy for broker in self._brokers.values())

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
    once = {queue: OnceAtATime(broker) for queue, broker in brokers.items()}
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
            yield EmbeddedUploads(wired, once)
    finally:
        wired.airfield.stop()
        for worker in workers:
            worker.stop()
        for broker in brokers.values():
            broker.close()
