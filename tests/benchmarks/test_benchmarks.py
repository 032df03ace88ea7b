"""The benchmarks still run, and their runs are exact; how fast they are is not for a test."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services.postgres import ADDRESS_VARIABLE

_ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "name", ["plan", "upload", "import", "filter", "growth", "latency", "load", "pages"]
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
