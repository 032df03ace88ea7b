"""All stores are one: driven together, they give the same answers and hold the same record.

The universe is tiny, so that histories meet in it: eight mailboxes, two workspaces, two months,
batches of one to three contacts, chunks of two.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from contracts.machines.agreement import Agreement
from contracts.store.site import SiteFactory

# A store that takes its time is not a fault of the history.
PATIENT = settings(suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(
    ("stores", "histories", "steps"),
    [
        pytest.param(["memory"], 300, 30, id="memory"),
        pytest.param(["memory", "sqlite"], 25, 25, id="sqlite"),
        pytest.param(["memory", "sqlite", "postgres"], 20, 25, id="postgres"),
    ],
)
def test_stores_that_are_driven_together_agree(
    request: pytest.FixtureRequest, stores: list[str], histories: int, steps: int
) -> None:
    """Same results, same errors, same record after every step; and the laws hold in it."""
    factories: list[SiteFactory] = [request.getfixturevalue(f"{name}_sites") for name in stores]

    class Together(Agreement):
        def __init__(self) -> None:
            super().__init__(*factories)

    run_state_machine_as_test(
        Together,
        settings=settings(PATIENT, max_examples=histories, stateful_step_count=steps),
    )
