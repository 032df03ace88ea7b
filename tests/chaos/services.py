"""Redis and PostgreSQL that go away, forget, stand still or are full."""

from __future__ import annotations

import os
import signal
import threading

from sqlalchemy import func, select

from maverick_adapters.sql.tables import outbox
from maverick_core.pipeline.batch import BatchState
from tests.chaos.doomed import THREADS
from tests.e2e.stage import Stage, wait_for
from tests.services.processes import command, family

STALL_SECONDS = 7.0  # longer than the five that redis-py waits by itself
AWAY_SECONDS = 3.0


def redis_restarted(stage: Stage) -> None:
    """Kill Redis with messages in it, and start it again."""
    with stage.uploading():
        with stage.slow():
            stage.plan()
            stage.under_way()
            stage.redis.stop()
            stage.struck()
        stage.redis.start()
        stage.comes_home()


def redis_away_while_planned(stage: Stage) -> None:
    """Plan while there is no Redis; the announcement waits for it."""
    with stage.uploading():
        stage.redis.stop()
        stage.plan()
        wait_for(lambda: "relay waits" in stage.log())
        stage.redis.start()
        stage.struck()
        stage.comes_home()


def redis_flushed(stage: Stage) -> None:
    """FLUSHALL while batches wait in the queue."""
    with stage.uploading(), stage.redis.client() as client:
        with stage.slow():
            stage.plan()
            stage.under_way()
            client.flushall()
            stage.struck()
        stage.comes_home()


def redis_stalled(stage: Stage) -> None:
    """Let Redis stand still for longer than its clients' usual patience."""
    with stage.uploading(), stage.slow():
        stage.plan()
        stage.under_way()
        with stage.redis.stalled():
            stage.struck()
            _pass(STALL_SECONDS)
        stage.comes_home()


def relay_killed(stage: Stage) -> None:
    """Kill the relay while a Redis that stands still keeps it from sending what it has in hand."""
    with stage.uploading() as up:
        with stage.redis.stalled():
            stage.plan()
            wait_for(lambda: _in_hand(stage) == len(stage.batches))
            relay = next(pid for pid in family(up.pid) if "maverick_runners.relay" in command(pid))
            os.kill(relay, signal.SIGKILL)
            stage.struck()
        stage.comes_home()


def redis_full_in_the_middle(stage: Stage) -> None:
    """Let Redis be full while tasks end: they cannot be acknowledged, and others wait behind."""
    with stage.uploading():
        with stage.slow():
            stage.plan()
            stage.under_way()
            with stage.redis.full():
                wait_for(lambda: stage.states().count(BatchState.UPLOADED) >= THREADS)
                _pass(1.0)
        stage.struck()
        stage.comes_home()


def _in_hand(stage: Stage) -> int:
    """Count the announcements that a relay has taken and not sent."""
    taken = select(func.count()).where(outbox.c.held_until.is_not(None))
    with stage.wired.engine.connect() as connection:
        return connection.execute(taken).scalar_one()


def redis_full(stage: Stage) -> None:
    """Let Redis refuse every message while a plan is announced."""
    with stage.uploading():
        with stage.redis.full():
            stage.plan()
            wait_for(lambda: "relay waits" in stage.log())
        stage.struck()
        stage.comes_home()


def postgres_restarted(stage: Stage, *, away_seconds: float) -> None:
    """Restart PostgreSQL as a crash does, with requests under way."""
    assert stage.postgres, "a server of its own is needed"
    with stage.uploading():
        with stage.slow(1.0):
            stage.plan()
            stage.under_way()
            stage.postgres.stop_at_once()
            stage.struck()
            _pass(away_seconds)
            stage.postgres.start()
        stage.comes_home()


def _pass(seconds: float) -> None:
    threading.Event().wait(seconds)
