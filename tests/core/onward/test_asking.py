"""What is asked for when, and what is said where it is not."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from contracts.machines.crew import DAILY, Crew
from contracts.store.catalogue import candidates, suppress
from contracts.store.site import LEASE, NOVEMBER, Site
from maverick_adapters.memory import ManualClock, MemoryStore
from maverick_core.kernel.errors import Missing
from maverick_core.operations.rules import OperationKind, OperationState
from maverick_core.pipeline.onward.rules import PAUSE, RHYTHM, Asked, StageAnswer
from maverick_core.pipeline.onward.service import BY, GoOn
from maverick_core.pipeline.stages import Stage

PEOPLE = ("ann", "bob", "cy")


@pytest.fixture
def site() -> Site:
    """Open an empty store in memory."""
    clock = ManualClock()
    store = MemoryStore(clock)
    return Site(store, clock, lambda: clock.advance(LEASE), lambda *_: store)


@pytest.fixture
def crew(site: Site) -> Crew:
    """Have workers for it, and a workspace with a target."""
    site.workspace()
    return Crew(site)


def by_stage(crew: Crew, *stages: Stage, at_once: bool = False) -> Mapping[Stage, StageAnswer]:
    """Ask for acme's stages, all of them by default."""
    answers = crew.ask("acme", stages or tuple(Stage), at_once=at_once)
    assert {each.slug for each in answers} == {"acme"}
    return {each.stage: each for each in answers}


def test_an_operation_is_put_on_record_for_what_has_work_and_for_nothing_else(crew: Crew) -> None:
    """In the order of the stages; what is asked for is what a person would have asked for."""
    crew.describe_source(crew.site.record.workspace("acme"), "directory")
    crew.list_people(crew.site.record.workspace("acme"), PEOPLE)

    answers = by_stage(crew)

    assert [(stage, each.asked) for stage, each in answers.items()] == [
        (Stage.SCRAPING, Asked.ASKED),
        (Stage.IMPORT, Asked.NOTHING),
        (Stage.FILTERING, Asked.ASKED),
        (Stage.VERIFICATION, Asked.NOTHING),
        (Stage.BATCHING, Asked.NOTHING),
        (Stage.UPLOAD, Asked.NOTHING),
    ]
    opened = crew.site.record.open_operations()
    assert [(each.kind, each.slug, each.by, each.arguments) for each in opened] == [
        (OperationKind.RUN_SOURCE, "acme", "pat", {"source": "directory", "run": 1}),
        (OperationKind.FILTER, "acme", "pat", {}),
    ]


def test_each_source_is_asked_for_by_itself(crew: Crew) -> None:
    """One that is slow does not keep another one waiting."""
    acme = crew.site.record.workspace("acme")
    crew.describe_source(acme, "one")
    first = crew.ask("acme", [Stage.SCRAPING])
    crew.describe_source(acme, "two")

    second = crew.ask("acme", [Stage.SCRAPING])

    assert [(each.about, each.asked) for each in first] == [("one", Asked.ASKED)]
    assert [(each.about, each.asked) for each in second] == [
        ("one", Asked.UNDER_WAY),
        ("two", Asked.ASKED),
    ]


def test_who_asks_again_is_told_who_asked_before(crew: Crew) -> None:
    """And since when; also while a worker is at it."""
    crew.list_people(crew.site.record.workspace("acme"), PEOPLE)
    first = by_stage(crew)[Stage.FILTERING]
    asked_at = crew.site.clock.now()
    crew.site.clock.advance(30)

    second = by_stage(crew)[Stage.FILTERING]

    assert first.operation is not None
    assert second.operation is not None
    assert second.asked is Asked.UNDER_WAY
    assert (second.operation.id, second.operation.by) == (first.operation.id, "pat")
    assert second.since == asked_at


def test_a_dry_run_says_the_same_and_asks_nobody(crew: Crew) -> None:
    """Not even a run of a source is begun."""
    acme = crew.site.record.workspace("acme")
    crew.describe_source(acme, "directory")

    rehearsed = crew.ask("acme", dry_run=True)

    assert rehearsed[0].asked is Asked.ASKED
    assert list(crew.site.record.operations()) == []
    assert crew.site.record.sources(acme.id)[0].runs == 0


def test_what_somebody_has_to_do_first_is_said(site: Site) -> None:
    """A target to set, a target to raise, a token to store."""
    crew = Crew(site)
    acme = site.workspace(target=None, token=None)
    members = site.contacts(acme, *PEOPLE)
    without = by_stage(crew)[Stage.BATCHING]
    site.record.set_target(acme.id, NOVEMBER, 2, at=site.clock.now())
    site.plan(acme, members[:2])

    answers = by_stage(crew)

    assert (without.asked, without.operation) == (Asked.CANNOT, None)
    assert "No target is set" in without.why
    assert answers[Stage.BATCHING].asked is Asked.CANNOT
    assert "no more room" in answers[Stage.BATCHING].why
    assert answers[Stage.UPLOAD].asked is Asked.CANNOT
    assert "token" in answers[Stage.UPLOAD].why
    assert list(site.record.operations()) == []


def test_batches_that_are_ready_need_no_asking(crew: Crew) -> None:
    """Workers find them; the oldest one is named."""
    acme = crew.site.record.workspace("acme")
    crew.site.plan(acme, crew.site.contacts(acme, "ann"))

    upload = by_stage(crew)[Stage.UPLOAD]

    assert (upload.asked, upload.about, upload.operation) == (
        Asked.UNDER_WAY,
        "B-000001",
        None,
    )


def test_what_used_up_its_budget_is_left_alone_for_a_while(crew: Crew) -> None:
    """The same would come of it; whoever wants it nevertheless can have it."""
    candidates(crew.site, crew.site.record.workspace("acme"), *"abcdefg")
    assert len("abcdefg") > DAILY
    by_stage(crew)
    crew.operate_all()

    paused = by_stage(crew, Stage.VERIFICATION)[Stage.VERIFICATION]
    assert paused.asked is Asked.LATER
    assert "got nowhere" in paused.why

    assert by_stage(crew, Stage.VERIFICATION, at_once=True)[Stage.VERIFICATION].asked is Asked.ASKED
    crew.operate_all()
    crew.site.clock.advance(PAUSE.total_seconds())
    assert by_stage(crew)[Stage.VERIFICATION].asked is Asked.ASKED


def test_where_nobody_who_is_free_may_be_written_to_no_plan_follows_the_other(crew: Crew) -> None:
    """The sums count them as free; the plan knows better, and is believed for a while."""
    acme = crew.site.record.workspace("acme")
    crew.site.contacts(acme, "ann")
    suppress(crew.site, acme, "ann")
    assert by_stage(crew)[Stage.BATCHING].asked is Asked.ASKED
    crew.operate_all()

    assert by_stage(crew)[Stage.BATCHING].asked is Asked.LATER


def test_what_failed_says_why_it_is_left_alone(crew: Crew) -> None:
    """In the words of the error."""
    crew.site.contacts(crew.site.record.workspace("acme"), "ann")
    asked = by_stage(crew)[Stage.BATCHING].operation
    assert asked is not None
    for _ in range(5):
        crew.site.record.claim_operation(asked.id, worker="w", lease_seconds=LEASE)
        crew.site.leases_run_out()
    crew.operate(asked)
    assert crew.site.record.operation(asked.id).state is OperationState.FAILED

    answer = by_stage(crew)[Stage.BATCHING]

    assert answer.asked is Asked.LATER
    assert "none of them came to an end" in answer.why


def test_while_more_comes_a_stage_is_asked_for_in_a_rhythm(crew: Crew) -> None:
    """Not with every page that an earlier stage brings; when that is over, at once."""
    acme = crew.site.record.workspace("acme")
    crew.describe_source(acme, "slow")
    crew.list_people(acme, ["ann"])
    asked = by_stage(crew)
    judging = asked[Stage.FILTERING].operation
    assert judging is not None
    crew.operate(judging)
    crew.list_people(acme, ["bob"])

    assert by_stage(crew)[Stage.FILTERING].asked is Asked.LATER
    crew.site.clock.advance(RHYTHM.total_seconds())
    assert by_stage(crew)[Stage.FILTERING].asked is Asked.ASKED

    crew.operate_all()
    crew.list_people(acme, ["cy"])
    assert by_stage(crew)[Stage.FILTERING].asked is Asked.ASKED


def test_while_more_comes_only_whole_batches_are_planned(crew: Crew) -> None:
    """Batches of two: one contact waits for another one, or until nothing comes any more."""
    acme = crew.site.record.workspace("acme")
    crew.site.contacts(acme, "ann")
    candidates(crew.site, acme, "bob")

    answers = by_stage(crew)
    assert (answers[Stage.VERIFICATION].asked, answers[Stage.BATCHING].asked) == (
        Asked.ASKED,
        Asked.LATER,
    )
    crew.site.contacts(acme, "cy")
    whole = by_stage(crew)[Stage.BATCHING]
    assert whole.asked is Asked.ASKED
    assert whole.operation is not None
    crew.operate(whole.operation)

    assert [batch.contacts for batch in crew.site.record.batches()] == [2]
    crew.operate_all()
    assert by_stage(crew)[Stage.BATCHING].asked is Asked.ASKED


def test_stages_that_are_not_named_are_not_asked_for(crew: Crew) -> None:
    """And not spoken of."""
    crew.list_people(crew.site.record.workspace("acme"), PEOPLE)

    assert {*by_stage(crew, Stage.UPLOAD)} == {Stage.UPLOAD}
    assert list(crew.site.record.operations()) == []


def test_an_unknown_workspace_is_missing(crew: Crew) -> None:
    """Nothing is asked for anybody."""
    with pytest.raises(Missing):
        crew.ask("nobody")


def test_the_sweep_takes_everybody_all_the_way(crew: Crew) -> None:
    """Workspace by workspace, stage by stage, until nothing is left to be asked for."""
    crew.site.workspace("zeta")
    for workspace in crew.site.record.workspaces():
        crew.list_people(workspace, PEOPLE[:2])
    go_on = GoOn(crew.ask_stages)

    asked: list[int] = []
    while asked[-1:] != [0]:
        asked.append(go_on())
        crew.operate_all()
        crew.upload_all()

    assert asked == [2, 2, 2, 0]
    assert {each.by for each in crew.site.record.operations()} == {BY}
    for workspace in crew.site.record.workspaces():
        assert crew.site.record.account(workspace.id, NOVEMBER).uploaded == 2
