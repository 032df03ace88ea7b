"""What strikes a stage: each asks for the stage itself, at the moment that suits it."""

from __future__ import annotations

import os
import signal

from contracts.verifier.stub import Fault
from tests.chaos.doomed import Doom, met
from tests.chaos.pipeline.line import Line
from tests.chaos.pipeline.workers import commit_on
from tests.chaos.pipeline.world import LEASE_SECONDS
from tests.e2e.stage import wait_for
from tests.services.processes import command, family, running

BEYOND_THE_LEASE: float = LEASE_SECONDS + 1.0


def killed(line: Line, stage: str, *, commits: tuple[int, ...]) -> None:
    """Kill the worker of a stage before each of these commits, counted by process."""
    for nth in commits:
        Doom("worker", commit_on(stage), nth).spell(line.stage.folder)
        if nth is commits[0]:
            line.ask(stage)
        wait_for(lambda: met(line.stage.folder), at_most_seconds=60)


def all_killed(line: Line, stage: str) -> None:
    """Kill everything at once, before the third commit of a stage, and start anew."""
    Doom("everything", commit_on(stage), 3).spell(line.stage.folder)
    line.ask(stage)
    assert line.supervisor
    line.supervisor.wait(timeout=60)
    line.struck()
    line.start()


def asked_to_stop(line: Line, stage: str) -> None:
    """Ask the processes of a stage to stop while they work; the supervisor starts others."""
    line.ask(stage)
    wait_for(lambda: line.started(stage))
    os.kill(line.master(stage), signal.SIGTERM)


def relay_killed(line: Line, stage: str) -> None:
    """Kill the relay while a stage works."""
    line.ask(stage)
    wait_for(lambda: line.started(stage))
    assert line.supervisor
    for pid in family(line.supervisor.pid):
        if "maverick_runners.relay" in command(pid):
            os.kill(pid, signal.SIGKILL)


def postgres_restarted(line: Line, stage: str) -> None:
    """Restart PostgreSQL as a crash does while a stage works."""
    line.ask(stage)
    wait_for(lambda: line.started(stage))
    assert line.stage.postgres
    line.struck()
    line.stage.postgres.stop_at_once()
    line.stage.postgres.start()


def redis_flushed(line: Line, stage: str) -> None:
    """Let Redis forget the message of a stage, and all else."""
    line.ask(stage)
    with line.stage.redis.client() as client:
        client.flushall()


def redis_restarted(line: Line, stage: str) -> None:
    """Kill Redis as a stage is asked for, and start it again."""
    line.ask(stage)
    line.struck()
    line.stage.redis.stop()
    line.stage.redis.start()


def provider_down(line: Line, stage: str) -> None:
    """Let the provider be away until the operation has ended without it."""
    calls = line.world.verifier.calls
    line.ask(stage)
    wait_for(lambda: bool(calls))
    with line.world.provider.away():
        wait_for(lambda: line.over(stage))


def provider_late(line: Line, stage: str) -> None:
    """Let each answer take longer than a lease."""
    line.world.verifier.processing_seconds = BEYOND_THE_LEASE
    line.ask(stage)


def answers_lost(line: Line, stage: str) -> None:
    """Lose questions on their way there, and answers on their way back, whole or in part."""
    for fault in (
        Fault("drop_before", call="ask"),
        Fault("drop_after", call="ask"),
        Fault("drop_after", call="answer"),
        Fault("malformed", call="answer"),
        Fault("status", call="answer", status=503),
    ):
        line.world.verifier.script(fault)
    line.ask(stage)


def questions_forgotten(line: Line, stage: str) -> None:
    """Let the provider lose the question that it works on."""
    line.world.verifier.script(Fault("forget", call="answer"))
    line.ask(stage)


def site_down(line: Line, stage: str) -> None:
    """Let the site be away for longer than it is tried for; the next run brings the rest."""
    line.ask(stage)
    wait_for(lambda: line.world.asked >= 4)
    with line.world.site.away():
        wait_for(lambda: line.over(stage))
    line.ask(stage)


def site_slow(line: Line, stage: str) -> None:
    """Let two pages take longer than a lease."""
    line.world.waits.extend([BEYOND_THE_LEASE] * 2)
    line.ask(stage)
    wait_for(lambda: not line.world.waits)


def robots_changed(line: Line, stage: str) -> None:
    """Forbid the site in its robots.txt and kill the worker; later, allow it again.

    Who goes on asks for no page; the next process reads the file anew, and its run brings the rest.
    """
    line.ask(stage)
    wait_for(lambda: line.world.asked >= 4)
    line.world.forbid()
    _end_worker(line, stage)
    asked = line.world.asked
    wait_for(lambda: line.over(stage))
    assert line.world.asked == asked, "a page was asked for that robots.txt forbids"
    _end_worker(line, stage)
    line.ask(stage)


def _end_worker(line: Line, stage: str) -> None:
    worker = line.worker(stage)
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: not running([worker]))
