"""Loads what every suite shares: the services' fixtures and hypothesis' profiles."""

import os
import signal

from hypothesis import HealthCheck, settings

pytest_plugins = ("tests.services.fixtures",)

# Machines differ, deadlines lie: how long an example takes is the benchmarks' business.
settings.register_profile("desk", deadline=None, print_blob=True)
settings.register_profile("ci", settings.get_profile("desk"), derandomize=True)
settings.register_profile(
    "deep",
    settings.get_profile("desk"),
    max_examples=5_000,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("ci" if os.environ.get("CI") else "desk")

# A shell that starts us in the background has us, and all we start, ignore SIGINT; a person's
# terminal does not, and it is a person's Ctrl-C that the tests of processes are about.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
