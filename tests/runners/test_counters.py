"""What an owner of counters leaves behind when it is killed, the next one removes."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from maverick_runners.counters import counters_directory


def test_counters_of_owners_that_are_gone_are_removed_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is killed cannot tidy up, so that its directory carries its process id."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    names = [f"maverick-metrics-{gone.pid}-a", f"maverick-metrics-{os.getpid()}-b", "others-1-c"]
    for name in names:
        (tmp_path / name).mkdir()

    with counters_directory() as own:
        assert Path(own).is_dir()
        assert Path(own).name.startswith(f"maverick-metrics-{os.getpid()}-")

    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names[1:])


def test_a_process_that_is_forked_inside_leaves_the_directory_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker of a server ends while the others still count."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with counters_directory() as own:
        monkeypatch.setattr(os, "getpid", lambda: 0)  # as in a child

    assert Path(own).is_dir()
