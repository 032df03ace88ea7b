"""The table of faults."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from contracts.bison.stub import Fault
from maverick_core.pipeline.batch import BatchState
from tests.chaos.checks import USUAL, Expected, wrong
from tests.chaos.destination import answered_badly, month_turns, token_refused
from tests.chaos.doomed import OVER, VICTIMS, Doom
from tests.chaos.doubling import (
    delivered_six_times,
    requeued_after_it_failed,
    requeued_while_it_runs,
)
from tests.chaos.killing import (
    frozen,
    killed,
    killed_at,
    over_the_limit,
    poisoned,
    supervisor_killed,
)
from tests.chaos.services import (
    postgres_restarted,
    redis_away_while_planned,
    redis_flushed,
    redis_full,
    redis_full_in_the_middle,
    redis_restarted,
    redis_stalled,
    relay_killed,
)
from tests.chaos.trial import Ground, Trial
from tests.e2e.stage import PUSHES, Stage, stage_on

STEPS: Final = (
    "claim",
    "mark_sent",
    "push",
    "attach",
    "listen",
    "settle",
    "pause",
    "finish",
    OVER,
)
_OFTEN: Final = ("claim", "mark_sent", "push", "attach", "listen", "settle")
_ONCE: Final = Expected(pushes=1)
_PATIENT: Final = {"lease_seconds": "30"}
"""Where nobody dies: a machine that is too busy to renew a lease is another fault."""
_THRICE: Final = Expected(pushes=3)  # two faults may meet the same chunk

_HELD: Final = Expected(pushes=1, seconds=55.0)  # what a relay took is kept off others for 30 s
_FAILED: Final = Expected(states=frozenset({BatchState.FAILED}), everybody=False, seconds=90.0)


@dataclass(frozen=True, slots=True)
class Case:
    """A fault in one variant: what strikes, on which stage, and how it may end."""

    fault: str
    variant: str
    strike: Callable[[Stage], None]
    expected: Expected = USUAL
    append_only: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What it is called in the table and on the command line."""
        return f"{self.fault}: {self.variant}"

    def tried(self, ground: Ground) -> Trial:
        """Let it strike on a stage of its own."""
        with stage_on(
            ground.redis,
            ground.folder,
            ground.databases.create(),
            postgres=ground.postgres,
            more=self.settings,
        ) as stage:
            found = self._struck(stage)
            return Trial(stage.recovery_seconds, found, stage.log())

    def _struck(self, stage: Stage) -> list[str]:
        try:
            self.strike(stage)
        except Exception:  # noqa: BLE001 - the next case has a stage of its own
            return [traceback.format_exc(), f"batches are {stage.states()}", *wrong(stage)]
        return wrong(stage, self.expected)


def _processes() -> list[Case]:
    return [
        Case("kill -9 in the middle", "worker", partial(killed, victim="worker")),
        Case("kill -9 in the middle", "master", partial(killed, victim="master")),
        Case("kill -9 in the middle", "supervisor", partial(supervisor_killed, with_all=False)),
        Case("kill -9 in the middle", "everything", partial(supervisor_killed, with_all=True)),
        Case("kill -9 in the middle", "relay, messages in hand", relay_killed, _HELD),
        Case("kill -9 for ever", "every worker that sends", poisoned, _FAILED),
        Case("worker frozen", "beyond its lease, then thawed", frozen),
        Case(
            "task hangs",
            "hard limit",
            partial(over_the_limit, seconds=60.0, said="over its hard limit"),
            settings={"hard_limit_seconds": "1.5"},
        ),
        Case(
            "task hangs",
            "soft limit",
            partial(over_the_limit, seconds=8.0, said="upload broke off"),
            settings={"soft_limit_seconds": "4"},
        ),
    ]


def _steps() -> list[Case]:
    return [
        Case(
            f"kill -9 of {victim}",
            f"before {step}, {nth}",
            partial(killed_at, doom=Doom(victim, step, nth)),
        )
        for victim in VICTIMS
        for step in STEPS
        for nth in ((1, 2) if victim == "worker" and step in _OFTEN else (1,))
    ]


def _redis() -> list[Case]:
    return [
        Case(
            f"Redis {what}",
            f"AOF {'on' if append_only else 'off'}",
            strike,
            _ONCE,
            append_only,
            _PATIENT,
        )
        for what, strike in (
            ("killed and restarted", redis_restarted),
            ("away while a plan is made", redis_away_while_planned),
            ("flushed", redis_flushed),
            ("stalled for 7 s", redis_stalled),
            ("full, while a plan is made", redis_full),
            ("full, while tasks end", redis_full_in_the_middle),
        )
        for append_only in (False, True)
    ]


def _postgres() -> list[Case]:
    return [
        Case(
            "PostgreSQL stopped as by a crash",
            "started at once",
            partial(postgres_restarted, away_seconds=0),
        ),
        Case(
            "PostgreSQL stopped as by a crash",
            "started 3 s later",
            partial(postgres_restarted, away_seconds=3),
        ),
    ]


def _doubling() -> list[Case]:
    return [
        Case("six deliveries", "two processes", delivered_six_times, _ONCE, settings=_PATIENT),
        Case("re-queue", "while it runs", requeued_while_it_runs, _ONCE, settings=_PATIENT),
        Case("re-queue", "after 5xx for ever, applied", requeued_after_it_failed, Expected(4)),
    ]


def _answers() -> list[Case]:
    twice = partial(Fault, path=PUSHES, nth=2, times=2)
    bad = {
        "connection dropped before": twice("drop_before"),
        "connection dropped after": twice("drop_after"),
        "cut off": twice("truncate"),
        "500, applied": twice("status", applied=True),
        "page of a gateway, applied": twice("html", applied=True),
        "arrives later than the next": twice("late", after_requests=3),
        "429": twice("rate_limited", retry_after=1),
    }
    return [
        *(
            Case("answer", what, partial(answered_badly, fault=fault), _THRICE)
            for what, fault in bad.items()
        ),
        Case(
            "server slow",
            "beyond the lease",
            partial(answered_badly, fault=twice("slow", seconds=3.0)),
            _ONCE,
        ),
        Case(
            "server slow",
            "beyond the lease and the timeout",
            partial(answered_badly, fault=twice("slow", seconds=3.0)),
            _THRICE,
            settings={"bison_timeout_seconds": "1.5"},
        ),
        Case("401 in the middle", "new token, re-queue", token_refused),
        Case("month turns", "while it uploads", month_turns, _ONCE, settings=_PATIENT),
    ]


CASES: Final = (
    *_processes(),
    *_redis(),
    *_postgres(),
    *_doubling(),
    *_answers(),
    *_steps(),
)


def case(name: str) -> Case:
    """Return the case of that name."""
    return next(case for case in CASES if case.name == name)
