"""What waits in front of each stage, asked over HTTP, and asking workers for it."""

from __future__ import annotations

import pytest

from contracts.store.catalogue import candidates
from contracts.store.site import Site
from maverick_core.access.rules import Role, Scope
from maverick_core.operations.rules import OperationKind
from maverick_core.pipeline.stages import Stage
from tests.http.house import House

PATH = "/api/v1/workspaces/acme/pipeline"


def site_of(house: House) -> Site:
    """Return the house's store with verbs."""
    return Site(house.store, house.clock, lambda: None, lambda *_: house.store)


def test_the_stages_say_what_waits_and_nothing_is_put_on_record(any_house: House) -> None:
    """In their order; a stage without work says so."""
    workspace = any_house.workspace()
    candidates(site_of(any_house), workspace, "ann")

    told = any_house.ask("GET", PATH)

    assert told.status_code == 200
    assert told.json["workspace"] == "acme"
    assert [(each["stage"], each["asked"]) for each in told.json["stages"]] == [
        ("scraping", "nothing"),
        ("import", "nothing"),
        ("filtering", "nothing"),
        ("verification", "asked"),
        ("batching", "nothing"),
        ("upload", "nothing"),
    ]
    assert list(any_house.store.operations()) == []


def test_asking_puts_one_operation_on_record_however_often(any_house: House) -> None:
    """It says who asked before; with the same Idempotency-Key the answer is the same too."""
    candidates(site_of(any_house), any_house.workspace(), "ann")

    first = any_house.ask("POST", PATH, {}, Idempotency_Key="one")
    repeated = any_house.ask("POST", PATH, {}, Idempotency_Key="one")
    second = any_house.ask("POST", PATH, {"stages": ["verification"]}, Idempotency_Key="two")

    assert (first.status_code, second.status_code) == (202, 202)
    assert repeated.json == first.json
    (operation,) = any_house.store.operations()
    assert (operation.kind, operation.slug) == (OperationKind.VERIFY, "acme")
    (again,) = second.json["stages"]
    assert (again["asked"], again["operation"]) == ("under_way", "op_000001")
    assert again["by"] == operation.by == "key:admin-all"
    shown = any_house.ask("GET", f"/api/v1/operations/{again['operation']}")
    assert shown.json["status"] == "queued"


def test_a_stage_that_is_none_is_refused(house: House) -> None:
    """With the name of the field."""
    house.workspace()

    told = house.ask("POST", PATH, {"stages": ["wishing"]}, Idempotency_Key="one")

    assert told.status_code == 422
    assert list(house.store.operations()) == []


def test_who_may_only_look_cannot_ask(house: House) -> None:
    """Asking may cost money; clients do not even see who works for whom."""
    house.workspace()
    viewer, client = house.key(Role.VIEWER), house.key(Role.CLIENT, "acme")

    assert house.ask("GET", PATH, key=viewer).status_code == 200
    assert house.ask("POST", PATH, {}, key=viewer, Idempotency_Key="1").status_code == 403
    assert house.ask("GET", PATH, key=client).status_code == 403
    operator = house.key(Role.OPERATOR, "acme")
    assert house.ask("POST", PATH, {}, key=operator, Idempotency_Key="2").status_code == 202


@pytest.mark.parametrize(
    ("stage", "scope"),
    [
        (Stage.SCRAPING, Scope.SOURCES_WRITE),
        (Stage.IMPORT, Scope.IMPORTS_WRITE),
        (Stage.FILTERING, Scope.FILTERING_WRITE),
        (Stage.VERIFICATION, Scope.VERIFICATION_WRITE),
    ],
)
def test_a_stage_is_asked_for_by_keys_that_allow_it_only(
    any_house: House, stage: Stage, scope: Scope
) -> None:
    """Who may plan does not send workers to sites, nor spend on verdicts; nor with all stages."""
    candidates(site_of(any_house), any_house.workspace(), "ann")
    planner = any_house.key(Role.OPERATOR, "acme", Scope.BATCHES_WRITE)
    both = any_house.key(Role.OPERATOR, "acme", Scope.BATCHES_WRITE, scope)
    one, planning = {"stages": [stage]}, {"stages": ["batching", "upload"]}

    refused = any_house.ask("POST", PATH, one, key=planner, Idempotency_Key="one")
    refused_all = any_house.ask("POST", PATH, {}, key=both, Idempotency_Key="all")
    nothing = list(any_house.store.operations())
    planned = any_house.ask("POST", PATH, planning, key=planner, Idempotency_Key="two")
    allowed = any_house.ask("POST", PATH, one, key=both, Idempotency_Key="three")

    assert (refused.status_code, refused.json["code"]) == (403, "scope_missing")
    assert scope in refused.json["detail"]
    assert (refused_all.status_code, nothing) == (403, [])
    assert (planned.status_code, allowed.status_code) == (202, 202)
