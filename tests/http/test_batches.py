"""Batches over HTTP: found, shown, planned, decided about."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

import pytest

from contracts.store.site import Site
from maverick_core.access.rules import Role
from maverick_core.kernel.ids import batch_name, parse_operation_name
from maverick_core.operations.rules import OperationKind
from maverick_core.operations.service import Deed, RunOperation
from maverick_core.pipeline.batch import BatchEvent
from maverick_core.pipeline.batching.request import PlanAsRequested
from maverick_core.pipeline.csv_import.ports import NewContact
from maverick_core.pipeline.upload.actions import Settle
from maverick_core.pipeline.upload.requeueing import RequeueAsRequested
from tests.http.house import House

BATCHES = "/api/v1/batches"


@pytest.fixture
def site(any_house: House) -> Site:
    """Set scenes in the house's own store."""
    clock = any_house.clock
    return Site(any_house.store, clock, lambda: None, lambda *_: any_house.store)


def failed(site: Site, name: str, code: str = "unavailable") -> str:
    """Return the name of a failed batch of a workspace of its own."""
    batch, _ = site.batch(name)
    site.end(site.claim(batch), BatchEvent.FAIL, code)
    return batch_name(batch)


def names(document: Mapping[str, Any]) -> list[str]:
    """Return whose rows they are."""
    return [row["id"] for row in document["data"]]


def work(house: House, location: str) -> None:
    """Let a worker do the operation at this address."""
    store = house.store
    deeds: dict[OperationKind, Deed] = {
        OperationKind.PLAN_BATCHES: PlanAsRequested(house.facade.plan_batches),
        OperationKind.REQUEUE_BATCHES: RequeueAsRequested(house.facade.requeue_batches, store),
    }
    number = parse_operation_name(location.rpartition("/")[2])
    RunOperation(store, deeds)(number, worker="worker-1")


def test_batches_are_listed_page_by_page_in_any_order(any_house: House, site: Site) -> None:
    """``Link`` leads on with what was asked; a cursor is of the order that it was given out in."""
    one, _ = site.batch("ann")
    site.clock.advance(1)
    two, _ = site.batch("bob", "cy", "di")
    site.clock.advance(1)
    three, _ = site.batch("eve", "fay")
    newest = any_house.ask("GET", f"{BATCHES}?limit=2")
    rest = any_house.ask("GET", newest.headers["Link"].removeprefix("<").partition(">")[0])
    largest = any_house.ask("GET", f"{BATCHES}?sort=-contacts")
    mixed = any_house.ask("GET", f"{BATCHES}?sort=contacts&cursor={newest.json['next_cursor']}")

    assert [names(newest.json), names(rest.json)] == [
        [batch_name(three), batch_name(two)],
        [batch_name(one)],
    ]
    assert rest.json["next_cursor"] is None
    assert names(largest.json) == [batch_name(two), batch_name(three), batch_name(one)]
    assert (mixed.status_code, mixed.json["code"]) == (400, "bad_cursor")


def test_batches_are_found_and_counted(any_house: House, site: Site) -> None:
    """Totals are of all states, whichever were asked for."""
    refused, waiting = failed(site, "ann", "token_refused"), batch_name(site.batch("bob")[0])

    def found(query: str) -> list[str]:
        answer = any_house.ask("GET", f"{BATCHES}?{query}")
        assert answer.status_code == 200, answer.text
        return names(answer.json)

    assert found("status=failed") == [refused]
    assert found("status=failed,ready") == [waiting, refused]
    assert found("code=token_refused") == [refused]
    assert found("workspace=client-2&month=2026-11") == [waiting]
    assert found("email=ANN@agency.example") == [refused]
    assert found(f"batch={waiting}") == [waiting]
    assert found("min_attempts=1") == [refused]
    assert found("created_after=2100-01-01T00:00:00Z") == []
    totals = any_house.ask("GET", f"{BATCHES}?status=ready&include=total").json["totals"]
    assert totals["failed"] == totals["ready"] == {"batches": 1, "contacts": 1}
    assert any_house.ask("GET", BATCHES).json["totals"] is None


@pytest.mark.parametrize(
    "query",
    ["status=gone", "sort=name", "limit=0", "created_after=yesterday", "min_attempts=1_0"],
)
def test_what_is_no_filter_is_refused(any_house: House, query: str) -> None:
    """400 with the parameter that is meant."""
    answer = any_house.ask("GET", f"{BATCHES}?{query}")

    assert (answer.status_code, answer.json["code"]) == (400, "bad_parameter")


def test_a_name_that_is_nearly_right_is_suggested(any_house: House) -> None:
    """A typing error must not look like an empty list."""
    answer = any_house.ask("GET", f"{BATCHES}?states=failed")

    assert answer.status_code == 400
    assert "status" in answer.json["remedy"]


def test_a_batch_that_waits_says_for_what(any_house: House, site: Site) -> None:
    """Its place in the queue; that it is stuck, when it waits for long; and its hold."""
    first, second = (site.batch(name)[0] for name in ("ann", "bob"))
    waits = any_house.ask("GET", f"{BATCHES}/{batch_name(second)}").json
    site.clock.advance(3_600)
    long = any_house.ask("GET", f"{BATCHES}/{batch_name(second)}").json
    site.refuse_token(site.workspace_id(first))
    held = any_house.ask("GET", f"{BATCHES}/{batch_name(first)}").json

    assert (waits["position"], waits["stuck"]) == (2, None)
    assert long["stuck"] == "not_picked_up"
    assert (held["position"], held["hold"], held["stuck"]) == (None, "token_refused", "held")


def test_a_batch_is_shown_with_its_history(any_house: House, site: Site) -> None:
    """Attempts and decisions; a client does not see our hosts' names."""
    name = failed(site, "ann")
    shown = any_house.ask("GET", f"{BATCHES}/{name}")
    client = any_house.ask("GET", f"{BATCHES}/{name}", key=any_house.key(Role.CLIENT, "client-1"))

    assert shown.json["failure"]["code"] == "unavailable"
    assert [each["worker"] for each in shown.json["history"]] == ["worker-1"]
    assert [each["worker"] for each in client.json["history"]] == [""]
    assert shown.headers["ETag"]


def test_a_failed_batch_is_requeued_once(any_house: House, site: Site) -> None:
    """The second click is refused: 412 for the ETag of before, 409 for any."""
    name = failed(site, "ann")
    path = f"{BATCHES}/{name}"
    etag = any_house.ask("GET", path).headers["ETag"]
    site.clock.advance(1)

    def requeue(key: str, etag: str) -> Any:
        return any_house.ask(
            "POST", f"{path}:requeue", {"reason": "mended"}, Idempotency_Key=key, If_Match=etag
        )

    first, again, late, any_version = (
        requeue("a", etag), requeue("a", etag), requeue("b", etag), requeue("c", "*"),
    )  # fmt: skip

    assert (first.status_code, first.json["state"]) == (200, "ready")
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert (late.status_code, late.json["code"]) == (412, "changed_meanwhile")
    assert (any_version.status_code, any_version.json["code"]) == (409, "not_failed")
    [decision] = any_house.ask("GET", path).json["decisions"]
    assert (decision["by"], decision["reason"]) == ("key:admin-all", "mended")


def test_a_batch_is_cancelled(any_house: House, site: Site) -> None:
    """Its contacts are free again; once over, it is over."""
    name = batch_name(site.batch("ann")[0])
    path = f"{BATCHES}/{name}:cancel"
    done = any_house.ask("POST", path, {}, Idempotency_Key="a", If_Match="*")
    over = any_house.ask("POST", path, {}, Idempotency_Key="b", If_Match="*")

    assert (done.status_code, done.json["state"]) == (200, "cancelled")
    assert (over.status_code, over.json["code"]) == (409, "batch_over")


def test_some_are_requeued_and_of_the_others_is_said_why_not(any_house: House, site: Site) -> None:
    """Each by itself; a summary counts by code."""
    one, waiting = failed(site, "ann"), batch_name(site.batch("bob")[0])
    body = {"ids": [one, waiting, "B-999999", one], "reason": "mended"}
    answer = any_house.ask("POST", f"{BATCHES}:requeue", body, Idempotency_Key="a")

    assert answer.status_code == 200
    assert (answer.json["total"], answer.json["done"]) == (3, 1)
    assert answer.json["skipped"] == {"batch_missing": 1, "not_failed": 1}
    assert [each["result"] for each in answer.json["items"]] == ["done", "skipped", "skipped"]
    entry = any_house.store.audit_entries()[0]
    assert (entry.action, entry.subject) == (
        "batches.requeue",
        f"{one}, {waiting}, B-999999, {one}",
    )


def test_all_that_failed_for_a_reason_are_requeued_by_an_operation(
    any_house: House, site: Site
) -> None:
    """The answer names it, and it says what became of each."""
    name = failed(site, "ann", "token_refused")
    path = "/api/v1/workspaces/client-1/batches:requeue"
    none = any_house.ask("POST", path, {"codes": ["unavailable"]}, Idempotency_Key="a")
    asked = any_house.ask("POST", path, {"codes": ["token_refused"]}, Idempotency_Key="b")
    work(any_house, asked.headers["Location"])
    ended = any_house.ask("GET", asked.headers["Location"]).json

    assert (none.status_code, none.json["code"]) == (422, "no_batch_matches")
    assert (asked.status_code, asked.json["status"]) == (202, "queued")
    assert ended["status"] == "succeeded"
    assert ended["result"]["items"] == [{"batch": name, "result": "done"}]
    assert any_house.ask("GET", f"{BATCHES}/{name}").json["state"] == "ready"


def test_a_plan_is_looked_at_then_asked_for_then_made(any_house: House, site: Site) -> None:
    """The preview changes nothing; asking twice with one key is asking once."""
    acme = site.workspace()
    site.contacts(acme, "ann", "bob", "cy")
    path = "/api/v1/workspaces/acme/batches"
    body = {"month": "2026-11", "batch_size": 2}
    preview = any_house.ask("POST", f"{path}:preview", body)
    nothing = any_house.ask("GET", BATCHES).json["data"]
    asked = any_house.ask("POST", path, body, Idempotency_Key="a")
    any_house.ask("POST", path, body, Idempotency_Key="a")
    work(any_house, asked.headers["Location"])
    ended = any_house.ask("GET", asked.headers["Location"]).json

    assert (preview.json["batches"], preview.json["contacts"], nothing) == (2, 3, [])
    assert (asked.status_code, asked.json["by"]) == (202, "key:admin-all")
    assert ended["status"] == "succeeded"
    assert ended["progress"] == {"done": 3, "total": 3, "rate": None, "eta_s": None}
    assert len(any_house.ask("GET", BATCHES).json["data"]) == 2
    assert len(any_house.ask("GET", "/api/v1/operations").json["data"]) == 1


def test_an_operation_that_cannot_be_done_says_why(any_house: House, site: Site) -> None:
    """The words of the error, with what to do."""
    site.workspace(target=None)
    asked = any_house.ask(
        "POST", "/api/v1/workspaces/acme/batches", {"month": "2026-11"}, Idempotency_Key="a"
    )
    work(any_house, asked.headers["Location"])
    ended = any_house.ask("GET", asked.headers["Location"]).json

    assert (ended["status"], ended["problem"]["code"]) == ("failed", "target_missing")
    assert ended["problem"]["remedy"].startswith("PUT /api/v1/workspaces/{slug}/targets/{month} ")


def rejecting(site: Site) -> str:
    """Return a batch in which a formula and a plain contact were rejected and one was taken."""
    acme, now = site.workspace(), site.clock.now()
    import_id = site.record.begin_import(acme.id, "list.csv", at=now)
    people = [
        NewContact("ann@agency.example", "=1+1", None, None, "Agency", None, '{"state":"TX"}'),
        NewContact("bob@agency.example", "Bob", "Bee", None, None, None, None),
        NewContact("cy@agency.example", "Cy", None, None, None, None, '{"plan":"A"}'),
    ]
    site.record.add_contacts(import_id, people, rows_read=3, at=now)
    site.record.finish_import(import_id, at=now)
    ids = site.ids(acme)
    ann, bob, cy = (ids[person.email] for person in people)
    [batch] = site.plan(acme, [ann, bob, cy])
    claim = site.claim(batch)
    site.send(claim)
    rejected = [(ann, "bounced"), (cy, "bounced")]
    site.settle(claim, Settle(0, accepted=[(bob, 11)], rejected=rejected, settled=True))
    return batch_name(batch)


def test_those_not_taken_are_listed_with_their_reasons(any_house: House, site: Site) -> None:
    """Counted over all pages."""
    name = rejecting(site)
    answer = any_house.ask("GET", f"{BATCHES}/{name}/rejects?limit=1")
    rest = any_house.ask("GET", answer.headers["Link"].removeprefix("<").partition(">")[0])
    everybody = any_house.ask("GET", f"{BATCHES}/{name}/contacts")
    taken = any_house.ask("GET", f"{BATCHES}/{name}/contacts?state=uploaded")

    assert answer.json["reasons"] == [{"state": "rejected", "reason": "bounced", "contacts": 2}]
    assert [each["email"] for each in answer.json["data"]] == ["ann@agency.example"]
    assert [each["email"] for each in rest.json["data"]] == ["cy@agency.example"]
    assert [each["position"] for each in everybody.json["data"]] == [0, 1, 2]
    assert [each["lead_id"] for each in taken.json["data"]] == [11]


def test_those_not_taken_come_as_a_file_that_can_be_corrected(any_house: House, site: Site) -> None:
    """With a column for each variable, and no cell that a spreadsheet would run."""
    name = rejecting(site)
    answer = any_house.ask("GET", f"{BATCHES}/{name}/rejects.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))

    assert answer.headers["content-type"].startswith("text/csv")
    assert f'filename="{name}.rejects.csv"' in answer.headers["content-disposition"]
    assert [row["reject_row"] for row in rows] == ["1", "3"]
    assert {row["reject_code"] for row in rows} == {"rejected"}
    assert [row["first_name"] for row in rows] == ["'=1+1", "Cy"]
    assert [(row["state"], row["plan"]) for row in rows] == [("TX", ""), ("", "A")]


def test_contacts_are_listed_and_traced(any_house: House, site: Site) -> None:
    """Where each is, and how one came there."""
    name = rejecting(site)
    path = "/api/v1/workspaces/acme/contacts"
    page = any_house.ask("GET", f"{path}?limit=2")
    rest = any_house.ask("GET", page.headers["Link"].removeprefix("<").partition(">")[0])
    rejected = any_house.ask("GET", f"{path}?state=rejected&batch={name}")
    trace = any_house.ask("GET", f"{path}:trace?email=Ann@agency.example")
    nobody = any_house.ask("GET", f"{path}:trace?email=nobody@agency.example")

    assert [len(each.json["data"]) for each in (page, rest, rejected)] == [2, 1, 2]
    assert {each["batch"] for each in rejected.json["data"]} == {name}
    assert (trace.json["state"], trace.json["batch"]) == ("rejected", name)
    assert [step["what"] for step in trace.json["steps"]] == ["imported", "batched", "rejected"]
    assert (nobody.status_code, nobody.json["code"]) == (404, "contact_missing")


def test_a_bound_key_sees_its_own_workspace_only(any_house: House, site: Site) -> None:
    """Lists leave others out, and another's batch or operation is as absent as nobody's."""
    own, other = failed(site, "ann"), failed(site, "bob")
    key = any_house.key(Role.OPERATOR, "client-1")
    for slug in ("client-1", "client-2"):
        path = f"/api/v1/workspaces/{slug}/batches:requeue"
        any_house.ask("POST", path, {}, Idempotency_Key=slug)

    def get(path: str) -> Any:
        return any_house.ask("GET", f"/api/v1{path}", key=key)

    assert names(get("/batches").json) == [own]
    assert names(get("/batches?workspace=client-2&include=total").json) == []
    assert names(get("/operations").json) == ["op_000001"]
    assert names(get("/operations?workspace=client-2").json) == []
    for path in (f"/batches/{other}", "/batches/B-999999", "/operations/op_000002"):
        assert get(path).status_code == 404
    assert get(f"/batches/{own}").status_code == 200
    some = any_house.ask(
        "POST", f"{BATCHES}:requeue", {"ids": [other]}, key=key, Idempotency_Key="x"
    )
    assert (some.status_code, some.json["code"]) == (403, "key_bound")
