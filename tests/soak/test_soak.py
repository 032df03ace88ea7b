"""The soak still runs; what ten minutes of it find is `make soak`'s business."""

import subprocess
import sys
from pathlib import Path

from tests.services.fixtures import without
from tests.services.postgres import PostgresMissingError, find_installation
from tests.services.redis import RedisMissingError, find_redis

ROOT = Path(__file__).parents[2]


def test_a_short_soak_comes_to_rest_with_every_law_kept() -> None:
    """A violation, and work that does not come to rest, are exit code 1."""
    try:
        find_installation()
        find_redis()
    except (PostgresMissingError, RedisMissingError) as missing:
        without(str(missing))
    arguments = ["--minutes", "0.1", "--workspaces", "3", "--seed", "3"]

    done = subprocess.run(
        [sys.executable, "-m", "tests.soak", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "contacts on record" in done.stdout
