"""``maverick worker``, ``relay`` and ``up``: the processes of production."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from maverick_core.kernel.errors import Conflict
from maverick_core.topology.checks import check
from maverick_core.topology.workers import WorkerGroup, groups_of
from maverick_runners.cli.output import say
from maverick_runners.cli.session import session

if TYPE_CHECKING:
    from maverick_adapters.settings import Settings
    from maverick_runners.supervisor import Program


def worker(
    groups: Annotated[
        list[str],
        typer.Argument(
            metavar="GROUP...", help="Worker groups, or queues; see `maverick topology show`."
        ),
    ],
) -> None:
    """Work off the queues of some worker groups, one Dramatiq master for each queue.

    Runs until it is stopped. A master that ends is started again; one that has done the group's
    tasks per child is replaced by a fresh one. On SIGTERM or Ctrl-C what is under way is finished
    or handed back.
    """
    settings = _ready()
    from maverick_runners.app import groups as known

    found = [group for name in groups for group in groups_of(name, known(settings))]
    _supervise(settings, _masters(dict.fromkeys(found)))


def relay() -> None:
    """Carry announcements to Redis, and announce again what nobody works on.

    Runs until it is stopped. A second one shares the work.
    """
    _ready()
    with session() as wired:
        from maverick_runners.lifeline import StopWish
        from maverick_runners.relay import Relay

        say("Relaying. Ctrl-C stops.")
        Relay(wired).run(StopWish())


def up() -> None:
    """Run HTTP, every worker group and the relay here, each line with its program's name.

    MAVERICK_HTTP_PORT=0 leaves HTTP out.
    """
    settings = _ready()
    from maverick_runners import relay, server
    from maverick_runners.app import groups

    http = []
    if settings.http_port:
        server.require_port(settings.http_host, settings.http_port)
        http.append(server.program(settings))
    _supervise(settings, [*http, relay.program(), *_masters(groups(settings))])


def _ready() -> Settings:
    """Check everything that would keep workers from working, before one is started."""
    with session() as wired:
        from maverick_runners.app import groups
        from maverick_runners.brokers import require_redis

        require_redis(wired.settings)
        check(groups(wired.settings))
        return wired.settings


def _masters(groups: Iterable[WorkerGroup]) -> list[Program]:
    """Return a program for each queue that has actors."""
    from maverick_runners.app import ACTORS
    from maverick_runners.master import program

    return [
        program(queue, group.concurrency)
        for group in groups
        for queue in group.queues
        if queue in ACTORS
    ]


def _supervise(settings: Settings, programs: list[Program]) -> None:
    from maverick_runners.supervisor import Supervisor

    if not programs:
        raise Conflict(
            "No task exists yet for the queues of this group.",
            code="nothing_to_work_on",
            remedy='See which groups have tasks: "maverick topology show".',
        )
    say(f"Running {', '.join(program.name for program in programs)}. Ctrl-C stops.")
    raise typer.Exit(Supervisor(programs, stop_seconds=settings.stop_seconds).run())
