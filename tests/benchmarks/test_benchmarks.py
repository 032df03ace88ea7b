"""The benchmarks still run, and their runs are exact; how fast they are is not for a test."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services.postgres import ADDRESS_VARIABLE

_ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "name",
    [
        "plan",
        "upload",
        "import",
        "filter",
        "scrape",
        "verify",
        "master",
        "growth",
        "latency",
        "load",
        "pages",
    ],
)
def test_a_benchmark_still_runs_and_is_exact(name: str, postgres_url: str) -> None:
    """A run whose records, counts and stub disagree raises, so that exit code 0 says enough."""
    command = [sys.executable, "-m", "benchmarks", "--quick", name]
    environment = {**os.environ, ADDRESS_VARIABLE: postgres_url}

    done = subprocess.run(
        command, cwd=_ROOT, env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert "round 1" in done.stdout


def test_the_raw_import_still_runs_beside_its_peers(postgres_url: str) -> None:
    """They come with the extra ``bench``; every side keeps exactly the rows that are good."""
    for peer in ("import_export", "pandas"):
        if importlib.util.find_spec(peer) is None:
            pytest.skip(f"{peer} is not installed: it is of the extra bench")
    test_a_benchmark_still_runs_and_is_exact("raw import", postgres_url)
