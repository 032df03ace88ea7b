"""What a master leaves behind when it is killed, the next one removes."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from maverick_runners.master import clear_metrics


def test_metrics_of_masters_that_are_gone_are_removed_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A killed master cannot tidy up, and its directory carries its process id."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    names = [f"maverick-metrics-{gone.pid}-a", f"maverick-metrics-{os.getpid()}-b", "others-1-c"]
    for name in names:
        (tmp_path / name).mkdir()

    clear_metrics()

    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names[1:])
