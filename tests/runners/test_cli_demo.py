"""``maverick demo`` in small: what goes wrong in it, going on, repairing it, beginning again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from maverick_runners.cli import demo_world
from tests.runners.conftest import Run

# Cedar's token is refused at its fourth request of 500; the others only have to be there.
UPLOADED_OF_DOVER = 584  # of 621 that were found; the filter and the verifier named the others
SIZES = {"acme": 600, "birch": 600, "cedar": 2_600}


@pytest.fixture
def demo(maverick: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return the command line, with a demo of fewer contacts."""
    small = tuple(
        replace(client, contacts=SIZES[client.slug], target=SIZES[client.slug])
        for client in demo_world.CLIENTS
    )
    monkeypatch.setattr(demo_world, "CLIENTS", small)
    return maverick


def test_a_demo_ends_with_a_failed_batch_and_the_next_command_which_ends_it(
    demo: Run, folder: Path
) -> None:
    """A second run goes on from what is there and says the same; the repair leaves nothing."""
    first, second = demo("demo"), demo("demo")
    repaired = demo("demo", "--repair")

    for ran in (first, second):
        assert ran.code == 0
        assert "of cedar failed" in ran.err
        assert "--repair" in ran.err
        assert "Every raw contact and every contact is in exactly one bucket." in ran.err
    assert repaired.code == 0
    assert "Nothing is left to do" in repaired.err
    skipped, refused = 80, 20
    total = sum(SIZES.values()) - skipped - refused + UPLOADED_OF_DOVER
    assert f"{total:,} contacts uploaded and counted" in repaired.err
    assert (folder / "demo-data" / "demo.db").exists()


def test_beginning_again_takes_away_only_what_demos_make(demo: Run, folder: Path) -> None:
    """``--dir`` may name a folder with other things in it."""
    (folder / "mine.txt").write_text("mine")
    demo("demo", "--dir", folder)
    key = (folder / "secret.key").read_text()
    demo("demo", "--dir", folder, "--reset")

    assert (folder / "mine.txt").read_text() == "mine"
    assert (folder / "secret.key").read_text() != key
