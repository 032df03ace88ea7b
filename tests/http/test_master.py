"""The master list and refills over HTTP."""

from __future__ import annotations

from typing import Any, Final

from maverick_core.access.rules import Role
from maverick_core.kernel.time import Month
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind
from tests.http.house import House

REFILLS: Final = "/api/v1/workspaces/acme/refills"
OVERLAP: Final = "/api/v1/workspaces/acme/overlap"
ANN: Final = "/api/v1/master/contacts:find?email=Ann@Oak.example"


def two_workspaces(house: House, *names: str) -> None:
    """Have zeta know people that acme, which is short of three, does not; tell the list."""
    acme, zeta = house.workspace(), house.workspace("zeta")
    now = house.clock.now()
    house.store.set_target(acme.id, Month.of(now, acme.zone), 3, at=now)
    rows = [NewRaw(n, email=f"{x}@oak.example", first_name="Ann") for n, x in enumerate(names, 1)]
    house.store.add_raw(zeta.id, Origin(OriginKind.SCRAPE_RUN, 1), rows, at=now)
    house.filter_contacts("zeta", lambda *_: None)
    house.fill_master(lambda _: None)


def post(house: House, path: str, body: object, **headers: str) -> Any:
    """Send a request that is made once."""
    return house.ask("POST", path, body, Idempotency_Key="first", **headers)


def test_the_list_is_counted_and_a_mailbox_found_in_any_spelling(any_house: House) -> None:
    """With where what is known of it is from."""
    two_workspaces(any_house, "ann", "bob")
    stats = any_house.ask("GET", "/api/v1/master").json
    found = any_house.ask("GET", ANN).json
    nobody = any_house.ask("GET", "/api/v1/master/contacts:find?email=no@oak.example")

    assert stats == {"mailboxes": 2, "shared": 0, "uploaded": 0, "outcomes": {}}
    assert (found["email"], found["as_known_to"]) == ("ann@oak.example", "zeta")
    assert (found["person"]["first_name"], found["first_origin"]) == ("Ann", "scrape_run")
    assert (found["workspaces"], found["last_outcome"], found["verdict"]) == (1, None, None)
    assert (nobody.status_code, nobody.json["code"]) == (404, "master_contact_missing")


def test_a_fill_and_a_refill_are_asked_for(any_house: House) -> None:
    """Workers do them."""
    two_workspaces(any_house)
    fill = post(any_house, "/api/v1/master/fills", {"rebuild": True})
    refill = any_house.ask("POST", REFILLS, {"limit": 2}, Idempotency_Key="second")

    assert (fill.status_code, fill.json["kind"]) == (202, "fill_master")
    assert fill.json["workspace"] is None
    assert (refill.status_code, refill.json["kind"]) == (202, "refill_workspace")
    assert refill.json["workspace"] == "acme"


def test_a_preview_says_whom_a_refill_would_bring_and_brings_nobody(any_house: House) -> None:
    """By the overlap that holds: by itself none, where another workspace may write to them."""
    two_workspaces(any_house, "ann", "bob")
    shy = any_house.ask("POST", f"{REFILLS}:preview", {}).json
    any_house.ask("PUT", OVERLAP, {"days": 30}, If_Match="*")
    bold = any_house.ask("POST", f"{REFILLS}:preview", {"limit": 1}).json

    assert (shy["short"], shy["brought"], shy["codes"]) == (3, 0, {"held_elsewhere": 2})
    assert (bold["asked"], bold["brought"], bold["complete"]) == (1, 1, True)
    assert any_house.ask("GET", REFILLS).json["data"] == []


def test_a_rehearsal_of_some_says_that_the_list_holds_more(house: House) -> None:
    """Whoever cannot wait for all of the list gets its first pages."""
    two_workspaces(house, "ann", "bob", "cy")
    rehearse = house.facade.rehearse_refill
    some = rehearse("acme", at_most=2, page_size=1)
    whole = rehearse("acme", at_most=4, page_size=1)

    assert (some.looked_at, some.stopped) == (2, True)
    assert (whole.looked_at, whole.stopped) == (3, False)


def test_a_workspace_without_a_target_is_short_of_nobody_knows_how_many(house: House) -> None:
    house.workspace()
    refused = house.ask("POST", f"{REFILLS}:preview", {})

    assert (refused.status_code, refused.json["code"]) == (404, "target_missing")


def test_refills_are_listed_page_by_page(any_house: House) -> None:
    """The newest first, with how far each is."""
    two_workspaces(any_house)
    acme, now = any_house.store.workspace("acme"), any_house.clock.now()
    for asked in (3, 2):
        run = any_house.store.begin_refill(acme.id, asked, by="pat", at=now)
        with any_house.store.refill_page(run.id, limit=9) as page:
            page.bring([], looked_at=[], codes={"bounced": asked}, over=True, at=now)
    first = any_house.ask("GET", f"{REFILLS}?limit=1")
    rest = any_house.ask("GET", first.headers["Link"].removeprefix("<").partition(">")[0])

    [newest], [oldest] = first.json["data"], rest.json["data"]
    assert (newest["asked"], newest["codes"], newest["by"]) == (2, {"bounced": 2}, "pat")
    assert (oldest["asked"], oldest["brought"]) == (3, 0)
    assert oldest["finished_at"] is not None
    assert rest.json["next_cursor"] is None


def test_the_overlap_is_set_as_it_was_read(any_house: House) -> None:
    """Null, which is the default: no other workspace may hold a mailbox that is brought."""
    any_house.workspace()
    before = any_house.ask("GET", OVERLAP)
    etag = before.headers["ETag"]
    after = any_house.ask("PUT", OVERLAP, {"days": 30}, If_Match=etag)
    late = any_house.ask("PUT", OVERLAP, {"days": 9}, If_Match=etag)
    never = any_house.ask("PUT", OVERLAP, {"days": 0}, If_Match="*")

    assert before.json == {"workspace": "acme", "days": None}
    assert (after.status_code, after.json["days"]) == (200, 30)
    assert any_house.ask("GET", OVERLAP).json == after.json
    assert (late.status_code, never.status_code) == (412, 422)


def test_what_concerns_all_is_out_of_reach_of_a_key_for_one(house: House) -> None:
    """Who else has whom, and how many they are, is not for one client's desk."""
    two_workspaces(house, "ann")
    bound = house.key(Role.ADMIN, "acme")
    answers = [
        house.ask("GET", "/api/v1/master", key=bound),
        house.ask("GET", ANN, key=bound),
        house.ask("GET", REFILLS, key=bound),
        house.ask("POST", f"{REFILLS}:preview", {}, key=bound),
        post(house, REFILLS, {}, key=bound),
        post(house, "/api/v1/master/fills", {}, key=bound),
        house.ask("PUT", OVERLAP, {"days": 1}, If_Match="*", key=bound),
    ]

    assert {each.json["code"] for each in answers} == {"key_bound"}
    assert not any("zeta" in each.text for each in answers)
