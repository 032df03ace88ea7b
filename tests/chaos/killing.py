"""Processes that die or freeze."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from contextlib import suppress

from contracts.bison.stub import Fault
from maverick_core.jobs.rules import UPLOAD_QUEUE
from maverick_core.pipeline.views import AttemptView
from tests.chaos.doomed import Doom, met
from tests.e2e.stage import PUSHES, Stage, master_of, wait_for, worker_of
from tests.services.processes import family, running


def killed(stage: Stage, victim: str) -> None:
    """Kill a process in the middle; its supervisor stays."""
    with stage.uploading() as up:
        with stage.slow():
            stage.plan()
            stage.under_way()
            pid = worker_of(up.pid) if victim == "worker" else master_of(up.pid)
            assert pid
            everybody = family(pid)
            os.kill(pid, signal.SIGKILL)
            stage.struck()
        wait_for(lambda: not running(everybody))
        stage.comes_home()


def supervisor_killed(stage: Stage, *, with_all: bool) -> None:
    """Kill the one that watches, alone or with all that it started, and start it anew at once."""
    start = stage.up if with_all else stage.uploading
    with start() as up, stage.slow():
        stage.plan()
        stage.under_way()
        everybody = stage.supervised(up)
        for victim in everybody if with_all else [up.pid]:
            os.kill(victim, signal.SIGKILL)
        stage.struck()
        up.wait()
    with start():
        stage.comes_home()
    wait_for(lambda: not running(everybody))


def killed_at(stage: Stage, doom: Doom) -> None:
    """Kill a process at a labelled step; who watches over the supervisor starts a new one."""
    doom.spell(stage.folder)
    if doom.label == "pause":  # only who was asked for patience takes this step
        stage.stub.script(Fault("rate_limited", path=PUSHES, nth=2, times=1, retry_after=1))
    with stage.uploading() as first, stage.slow(0.05):
        wait_for(lambda: worker_of(first.pid) is not None)
        everybody = stage.supervised(first)
        stage.plan()
        wait_for(lambda: met(stage.folder), at_most_seconds=30)
        stage.struck()
        if doom.victim in ("worker", "master"):
            stage.comes_home()
            return
        first.wait(timeout=10)
        with stage.uploading():
            stage.comes_home()
        wait_for(lambda: not running(everybody))


def poisoned(stage: Stage) -> None:
    """Kill every worker that touches a batch: nobody tries for ever."""
    with stage.uploading():
        Doom("worker", "push", for_ever=True).spell(stage.folder)
        stage.plan(batch_size=stage.contacts // 2)  # pauses grow, and each death is for few batches
        stage.struck()
        stage.comes_home()


def frozen(stage: Stage) -> None:
    """Stop a worker beyond its lease, and let it go on while another is at work on its batches."""
    with stage.running("worker", UPLOAD_QUEUE) as first, stage.running("relay"):
        wait_for(lambda: worker_of(first.pid) is not None)
        with stage.slow(1.0):
            stage.plan()
            wait_for(lambda: bool(_claimed(stage)))
            worker = worker_of(first.pid)
            assert worker
            os.kill(worker, signal.SIGSTOP)
            stage.struck()
            its = _claimed(stage)
            try:
                with stage.running("worker", UPLOAD_QUEUE):
                    wait_for(lambda: all(len(_attempts(stage, batch)) > 1 for batch in its))
                    os.kill(worker, signal.SIGCONT)
                    wait_for(lambda: _stale(stage) >= len(its))
                    stage.comes_home()
            finally:
                with suppress(ProcessLookupError):  # replaced, after all the messages it was told
                    os.kill(worker, signal.SIGCONT)


def _claimed(stage: Stage) -> Sequence[int]:
    return [batch for batch in stage.batches if _attempts(stage, batch)]


def _attempts(stage: Stage, batch: int) -> Sequence[AttemptView]:
    attempts, _ = stage.wired.store.history(batch)
    return attempts


def _stale(stage: Stage) -> int:
    """Count the jobs that noticed that their batch is somebody else's, and recorded nothing."""
    return sum(job.code == "stale_worker" for job in stage.jobs())


def over_the_limit(stage: Stage, seconds: float, said: str) -> None:
    """Let requests take ``seconds``, longer than a limit, until the log says ``said``."""
    with stage.uploading():
        with stage.slow(seconds):
            stage.plan()
            stage.struck()
            wait_for(lambda: said in stage.log(), at_most_seconds=30)
        stage.comes_home()
