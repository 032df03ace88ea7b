"""The way of a mailbox over HTTP, from where it was found."""

from __future__ import annotations

from typing import Any, Final

from maverick_adapters.memory import InstantAirfield
from maverick_core.access.rules import Role
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind
from maverick_core.pipeline.raw_import.rules import NewImport
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
    client = any_house.ask("GET", path, key=any_house.key(Role.CLIENT, "acme"))

    assert everything.startswith("duplicate_in_other_workspace")
    assert way(client) == ["found", "filtered"]
    assert client.json["steps"][1]["detail"].startswith("withheld")
    assert "other_workspace" not in client.text
    assert "zeta" not in client.text
