"""The way of a mailbox over HTTP, from where it was found."""

from __future__ import annotations

from typing import Any, Final

from maverick_adapters.memory import InstantAirfield
from maverick_core.access.rules import Role
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind
from maverick_core.pipeline.raw_import.rules import NewImport
from maverick_core.pipeline.tracing import FROM_THE_AGENCY
from tests.http.house import House

TRACE: Final = "/api/v1/workspaces/acme/{}:trace?email=Ann@Oak.example"


def find(house: House, slug: str = "acme") -> None:
    """Have an import bring Ann, and the filter judge her."""
    import_id = house.facade.take_file.begin(slug, NewImport("list.csv", 9, "pat")).id
    rows = [NewRaw(2, email="ann@oak.example", first_name="Ann")]
    origin = Origin(OriginKind.CSV_IMPORT, import_id)
    house.store.add_raw(house.store.workspace(slug).id, origin, rows, at=house.clock.now())
    house.filter_contacts(slug, lambda *_: None)


def way(answer: Any) -> list[str]:
    """Return what happened, in order."""
    return [step["what"] for step in answer.json["steps"]]


def test_a_mailbox_is_told_of_before_it_is_a_contact_and_since(any_house: House) -> None:
    """As long as it is none, only the route that asks for no contact knows it."""
    any_house.workspace()
    unheard = any_house.ask("GET", TRACE.format("mailboxes"))
    find(any_house)
    waiting = any_house.ask("GET", TRACE.format("mailboxes"))
    no_contact = any_house.ask("GET", TRACE.format("contacts"))
    any_house.verify("acme", breath=InstantAirfield(any_house.clock).flights())
    mailbox = any_house.ask("GET", TRACE.format("mailboxes"))
    contact = any_house.ask("GET", TRACE.format("contacts"))

    assert [unheard.status_code, no_contact.status_code] == [404, 404]
    assert unheard.json["code"] == no_contact.json["code"] == "contact_missing"
    assert way(waiting) == ["found", "kept"]
    assert waiting.json["steps"][0]["detail"] == "row 2 of list.csv"
    assert (waiting.json["contact_id"], waiting.json["state"]) == (None, None)
    assert way(contact)[:3] == ["found", "kept", "verified"]
    assert contact.json == mailbox.json
    assert contact.json["state"] == "verified"


def test_who_sees_one_workspace_is_not_told_which_other_has_the_mailbox(any_house: House) -> None:
    """Neither its name nor that there is one; whoever sees all is told."""
    any_house.workspace()
    any_house.workspace("zeta")
    find(any_house, "zeta")
    any_house.ask(
        "PUT", "/api/v1/workspaces/acme/filtering/rules", {"other_workspaces": "filter"},
        If_Match="*",
    )  # fmt: skip
    find(any_house)
    path = TRACE.format("mailboxes")
    everything = any_house.ask("GET", path).json["steps"][1]["detail"]
    one = any_house.ask("GET", path, key=any_house.key(Role.VIEWER, "acme"))

    assert everything.startswith("duplicate_in_other_workspace")
    assert way(one) == ["found", "filtered"]
    assert one.json["steps"][1]["detail"] == "withheld, by rules of version 1"
    assert "other_workspace" not in one.text
    assert "zeta" not in one.text


def test_who_sees_one_workspace_is_not_told_of_the_master_list(any_house: House) -> None:
    """What a refill brings is what other workspaces found."""
    acme = any_house.workspace()
    rows = [NewRaw(7, email="ann@oak.example", first_name="Ann")]
    origin = Origin(OriginKind.MASTER_LIST, 3)
    any_house.store.add_raw(acme.id, origin, rows, at=any_house.clock.now())
    path = TRACE.format("mailboxes")
    everything = any_house.ask("GET", path)
    one = any_house.ask("GET", path, key=any_house.key(Role.OPERATOR, "acme"))

    assert everything.json["steps"][0]["detail"] == "contact 7 of refill 3"
    assert one.json["steps"][0]["detail"] == FROM_THE_AGENCY
    assert "refill" not in one.text


def test_a_client_is_told_what_happened_and_not_what_its_key_is_not_for(any_house: House) -> None:
    """Sources, files, rules, blocked words and findings have scopes that no client's key has."""
    any_house.workspace()
    find(any_house)
    any_house.verify("acme", breath=InstantAirfield(any_house.clock).flights())
    client = any_house.key(Role.CLIENT, "acme")
    ways = [any_house.ask("GET", TRACE.format(of), key=client) for of in ("mailboxes", "contacts")]

    for told in ways:
        assert way(told)[:4] == ["found", "kept", "verified", "imported"]
        assert [step["detail"] for step in told.json["steps"]][:3] == ["", "", ""]
