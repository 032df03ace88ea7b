"""The pace of a workspace: in no minute more than it is allowed."""

from __future__ import annotations

from bisect import bisect_left

from hypothesis import given
from hypothesis import strategies as st

from maverick_adapters.bison.pace import Pace
from tests.adapters.bison.scene import HandTime, Scene, lead

ALMOST_A_MINUTE = 60 - 1e-6  # floats


def starts(per_minute: int, gaps: list[float]) -> list[float]:
    """Return when requests start that are asked for with these gaps in between."""
    time = HandTime()
    pace = Pace(per_minute, monotonic=time.monotonic, sleep=time.sleep)
    started = []
    for gap in gaps:
        time.sleep(gap)
        pace.wait()
        started.append(time.now)
    return started


@given(st.integers(1, 300), st.lists(st.sampled_from([0.0, 0.001, 0.3, 7.0, 100.0]), max_size=700))
def test_no_minute_has_more_requests_than_allowed(per_minute: int, gaps: list[float]) -> None:
    """Whatever the pattern they are asked for in."""
    started = starts(per_minute, gaps)

    for first, at in enumerate(started):
        assert bisect_left(started, at + ALMOST_A_MINUTE) - first <= per_minute


@given(st.integers(1, 6_000))
def test_a_busy_workspace_gets_nearly_what_it_is_allowed(per_minute: int) -> None:
    """Being careful costs at most a twentieth."""
    started = starts(per_minute, [0.0] * (3 * per_minute + 1))

    assert started[-1] <= 3 * 60 / 0.95


def test_a_start_is_not_slowed_down() -> None:
    """A batch's first chunks go at once."""
    assert starts(3_000, [0.0] * 100)[-1] < 1e-9  # floats
    assert starts(3_000, [0.0] * 101)[-1] > 0.01


def test_all_sinks_of_a_workspace_share_its_pace() -> None:
    """Several batches of one workspace may be under way."""
    with Scene(requests_per_minute=60) as scene:
        for _ in range(5):
            scene.bison.sink(scene.workspace).push([lead()])

        assert len(scene.wire.sent) == 6
        assert scene.time.slept >= 4 * 60 / 59 - 1e-6


def test_every_request_counts() -> None:
    """Those that ask whose token it is, and those about variables, too."""
    with Scene(requests_per_minute=1) as scene:
        scene.sink.push([lead("ann", variables='{"city":"x"}')])

        assert len(scene.wire.sent) == 4
        assert scene.time.slept == 3 * 60
