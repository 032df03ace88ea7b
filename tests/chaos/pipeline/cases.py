"""The table of faults of the stages before the upload, and of all of them in turn."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from tests.chaos.pipeline import strikes
from tests.chaos.pipeline.ends import USUAL, Expected, wrong
from tests.chaos.pipeline.line import STAGES, Line, line_on
from tests.chaos.pipeline.world import PAGES
from tests.chaos.trial import Ground, Trial

Strike = Callable[[Line, str], None]

_PIECES: Final[Mapping[str, tuple[int, ...]]] = {
    "scraping": (3, 10),
    "csv_processing": (3, 4),
    "filtering": (3, 5),
    "verification": (3, 7),
    "batching": (2, 3),
    "bison_uploads": (3, 6),
}
"""By stage, before which commits of its worker it is killed: of its claim, its pieces, its end."""


@dataclass(frozen=True, slots=True)
class PipelineCase:
    """A fault, and which stages it strikes on the whole way of a workspace's contacts."""

    fault: str
    variant: str
    struck: Mapping[str, Strike]
    expected: Expected = USUAL
    append_only: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What it is called in the table and on the command line."""
        return f"{self.fault}: {self.variant}"

    def tried(self, ground: Ground) -> Trial:
        """Let it strike on a line of its own."""
        with line_on(
            ground.redis,
            ground.folder,
            ground.databases.create(),
            ground.postgres,
            self.settings,
        ) as line:
            found = self._found(line)
            return Trial(max(line.recoveries, default=None), found, line.stage.log())

    def _found(self, line: Line) -> list[str]:
        try:
            line.start()
            line.go(self.struck)
            return wrong(line, self.expected)
        except Exception:  # noqa: BLE001 - the next case has a line of its own
            return traceback.format_exc().splitlines()


def _everywhere(strike: Strike, *stages: str) -> Mapping[str, Strike]:
    return dict.fromkeys(stages or STAGES, strike)


def _kills() -> list[PipelineCase]:
    each = [
        PipelineCase(
            f"kill -9 on {stage}",
            f"before commit {nth}",
            {stage: partial(strikes.killed, commits=(nth,))},
        )
        for stage, commits in _PIECES.items()
        for nth in commits
    ]
    twice = {stage: partial(strikes.killed, commits=commits) for stage, commits in _PIECES.items()}
    return [
        *each,
        PipelineCase("kill -9 on each stage in turn", "twice", twice, Expected(pushes=3, again=4)),
        PipelineCase(
            "kill -9 of everything",
            "scraping and verification",
            _everywhere(strikes.all_killed, "scraping", "verification"),
        ),
        PipelineCase(
            "SIGTERM",
            "each stage in turn",
            _everywhere(strikes.asked_to_stop),
            settings={"lease_seconds": "120"},  # nobody has to wait for one
        ),
        PipelineCase("kill -9 of the relay", "each stage", _everywhere(strikes.relay_killed)),
    ]


def _services() -> list[PipelineCase]:
    return [
        PipelineCase(
            "PostgreSQL stopped as by a crash",
            "each stage in turn",
            _everywhere(strikes.postgres_restarted),
        ),
        PipelineCase("Redis flushed", "each stage in turn", _everywhere(strikes.redis_flushed)),
        PipelineCase(
            "Redis killed and restarted", "each stage", _everywhere(strikes.redis_restarted)
        ),
    ]


def _provider() -> list[PipelineCase]:
    def case(variant: str, strike: Strike, expected: Expected = USUAL) -> PipelineCase:
        return PipelineCase("verification", variant, {"verification": strike}, expected)

    return [
        case("provider down, and back", strikes.provider_down),
        case("answers later than a lease", strikes.provider_late, Expected(seconds=90.0)),
        case("questions and answers lost", strikes.answers_lost),
        case("provider forgets a question", strikes.questions_forgotten, Expected(paid=2)),
    ]


def _site() -> list[PipelineCase]:
    def case(variant: str, strike: Strike, again: int) -> PipelineCase:
        return PipelineCase("scraping", variant, {"scraping": strike}, Expected(again=again))

    return [
        case("site down, and back", strikes.site_down, PAGES + 3),
        case("site slower than a lease", strikes.site_slow, 2),
        case("robots.txt forbids, and allows again", strikes.robots_changed, PAGES + 2),
    ]


PIPELINE_CASES: Final = (*_kills(), *_services(), *_provider(), *_site())
