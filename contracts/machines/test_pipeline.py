"""Histories of the whole pipeline that hypothesis writes, and shortens until they can be read."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from contracts.machines.pipeline.history import Pipeline
from contracts.store.site import SiteFactory

HISTORIES = settings(
    max_examples=max(300, settings().max_examples),
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_any_history_of_the_pipeline_keeps_the_laws(memory_sites: SiteFactory) -> None:
    """After every step those of a moment; and left alone, everything comes to its end."""
    Pipeline.sites = memory_sites
    run_state_machine_as_test(Pipeline, settings=HISTORIES)
