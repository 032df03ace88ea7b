"""A worker that is asked to stop is gone in the end, whatever it waits for."""

import signal
import subprocess
import sys

STUCK = """
from threading import Event
from dramatiq.brokers.stub import StubBroker
from dramatiq import Worker
from maverick_runners.limits import Closing

broker = StubBroker(middleware=[])
closing = Closing(before=lambda: None, after=lambda: None, at_most_seconds=0.2)
closing.before_worker_shutdown(broker, Worker(broker))
{then}
"""


def ran(then: str) -> int:
    """Run a worker that is asked to stop, and return how its process ended."""
    return subprocess.run(
        [sys.executable, "-c", STUCK.format(then=then)], check=False, timeout=60
    ).returncode


def test_a_worker_that_waits_for_ever_is_ended() -> None:
    """As one does whose Redis never comes back: what it did last cannot be acknowledged."""
    assert ran("Event().wait()") == -signal.SIGKILL


def test_a_worker_that_ends_in_time_ends_well() -> None:
    """Nothing is left that could still strike."""
    assert ran("closing.after_worker_shutdown(broker, Worker(broker)); Event().wait(0.6)") == 0
