"""Email Bison that answers late, wrongly or not at all, and months that turn meanwhile."""

from __future__ import annotations

from datetime import timedelta

from contracts.bison.stub import Fault
from maverick_core.pipeline.batch import BatchState
from tests.chaos.doomed import turn_clock
from tests.e2e.desk import TOKEN
from tests.e2e.stage import PUSHES, Stage, wait_for


def answered_badly(stage: Stage, fault: Fault) -> None:
    """Let a fault meet requests in the middle."""
    with stage.uploading():
        stage.stub.script(fault)
        stage.plan()
        stage.struck()
        stage.comes_home()


def token_refused(stage: Stage) -> None:
    """Let the token expire in the middle; a person stores a new one and re-queues what failed."""
    with stage.uploading():
        stage.stub.script(Fault("expire_token", path=PUSHES, nth=3, times=1))
        stage.plan()
        wait_for(lambda: BatchState.FAILED in stage.states())
        workspace = stage.wired.store.workspace("acme")
        assert workspace.hold is not None, "the workspace is not on hold"
        wait_for(lambda: BatchState.UPLOADING not in stage.states())
        assert stage.states().count(BatchState.FAILED) == 1, "more than one batch paid for it"
        asked = stage.stub.requests.total
        _rest(stage)
        assert stage.stub.requests.total == asked, "the refused token was used again"

        token = f"{TOKEN}-2"
        stage.stub.replace_token("Acme", token)
        stage.struck()
        stage.wired.set_token("acme", token)
        for batch, state in zip(stage.batches, stage.states(), strict=True):
            if state is BatchState.FAILED:
                stage.wired.requeue_batch(batch, by="pat")
        stage.comes_home()


def _rest(stage: Stage) -> None:
    """Wait until a sweep has passed: the relay sent something, or nothing was there to send."""
    before = len(stage.jobs())
    try:
        wait_for(lambda: len(stage.jobs()) > before, at_most_seconds=1.5)
    except AssertionError:
        return


def month_turns(stage: Stage) -> None:
    """Let the workers' clocks go into a later month while requests are under way."""
    with stage.uploading():
        with stage.slow():
            stage.plan()
            stage.under_way()
            turn_clock(stage.folder, timedelta(days=45))
            stage.struck()
        stage.comes_home()
    workspace = stage.wired.store.workspace("acme")
    later = stage.wired.store.recount(workspace.id, stage.month.next())
    assert later.uploaded == 0, "the later month counts what the earlier one planned"
