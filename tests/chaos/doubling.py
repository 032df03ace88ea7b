"""The same work given to several, and people who decide while it runs."""

from __future__ import annotations

from contracts.bison.stub import Fault
from maverick_adapters.queueing import BrokerQueues
from maverick_core.jobs.rules import UPLOAD_ACTOR, UPLOAD_QUEUE, Announcement
from maverick_core.kernel.errors import Conflict
from maverick_core.pipeline.batch import BatchState
from maverick_runners.brokers import redis_broker
from tests.e2e.stage import PUSHES, Stage, wait_for, worker_of

DELIVERIES = 6


def delivered_six_times(stage: Stage) -> None:
    """Tell two processes of three threads six times of every batch."""
    broker = redis_broker(stage.wired.settings, UPLOAD_QUEUE, [])
    queues = BrokerQueues({UPLOAD_QUEUE: broker})
    with (
        stage.running("worker", UPLOAD_QUEUE) as first,
        stage.running("worker", UPLOAD_QUEUE) as second,
    ):
        wait_for(lambda: None not in (worker_of(first.pid), worker_of(second.pid)))
        stage.plan()
        stage.struck()
        for _ in range(DELIVERIES):
            for batch in stage.batches:
                queues.enqueue(Announcement(0, UPLOAD_QUEUE, UPLOAD_ACTOR, batch))
        stage.comes_home()
        told = DELIVERIES * len(stage.batches)
        wait_for(lambda: sum(bool(job.finished_at) for job in stage.jobs()) == told)
    codes = [job.code for job in stage.jobs()]
    assert codes.count("finish") == len(stage.batches), "a batch was uploaded by two"
    assert set(codes) <= {"finish", "busy", "over"}, f"jobs ended as {set(codes)}"


def requeued_while_it_runs(stage: Stage) -> None:
    """Re-queue batches that are being uploaded: the answer is no, and nothing changes."""
    with stage.uploading():
        with stage.slow():
            stage.plan()
            stage.under_way()
            running = [
                batch
                for batch, state in zip(stage.batches, stage.states(), strict=True)
                if state is BatchState.UPLOADING
            ]
            assert running, "nothing was under way"
            stage.struck()
            for batch in running:
                try:
                    stage.wired.requeue_batch(batch, by="pat")
                except Conflict:
                    continue
                raise AssertionError(f"batch {batch} was re-queued while it ran")
        stage.comes_home()


def requeued_after_it_failed(stage: Stage) -> None:
    """Let Email Bison be down until every batch has failed; a person re-queues them twice."""
    with stage.uploading():
        down = stage.stub.script(Fault("status", path=PUSHES, status=500, applied=True))
        stage.plan()
        stage.comes_home()
        assert set(stage.states()) == {BatchState.FAILED}, "5xx for ever must fail a batch"
        stage.stub.lift(down)
        stage.struck()
        for batch in stage.batches:
            stage.wired.requeue_batch(batch, by="pat")
        stage.comes_home()
