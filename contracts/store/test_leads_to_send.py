"""``LeadsToSend``: contacts in the shape they are sent in."""

from __future__ import annotations

import pytest

from contracts.store.site import Site
from maverick_core.kernel.errors import Missing
from maverick_core.suppression.rules import SuppressionReason, parse_target


def test_leads_come_in_the_order_they_are_asked_for(site: Site) -> None:
    """``lead_ids[i]`` of an answer belongs to the i-th lead: the order is the meaning."""
    acme = site.workspace()
    ids = site.contacts(acme, *(f"p{number}" for number in range(600)))
    shuffled = ids[1::2] + ids[::2]

    leads = site.record.leads(acme.id, shuffled)

    assert [lead.contact_id for lead in leads] == shuffled


def test_no_contacts_are_no_leads(site: Site) -> None:
    """Asking for nothing is no error."""
    assert list(site.record.leads(site.workspace().id, [])) == []


def test_an_unknown_contact_is_missing(site: Site) -> None:
    """A chunk that would be sent short is not sent at all."""
    acme = site.workspace()
    ids = site.contacts(acme, "ann")

    with pytest.raises(Missing) as refused:
        site.record.leads(acme.id, [*ids, 999_999])

    assert refused.value.code == "contact_missing"


def test_another_workspaces_contact_is_missing(site: Site) -> None:
    """No id ever opens a door to a foreign contact."""
    zeta = site.workspace("zeta")
    foreign = site.contacts(site.workspace(), "ann")

    with pytest.raises(Missing):
        site.record.leads(zeta.id, foreign)


@pytest.mark.parametrize("pattern", ["bob@agency.example", "agency.example", "*.example.test"])
def test_nobody_who_is_suppressed_is_among_them(site: Site, pattern: str) -> None:
    """Whatever moment it came at; who is left keeps the order of the ids."""
    acme = site.workspace()
    ids = site.contacts(acme, "ann", "bob", "cy")
    assert len(site.record.leads(acme.id, ids)) == 3
    site.record.add_suppressions(
        None, [parse_target(pattern)], SuppressionReason.MANUAL, by="pat", at=site.clock.now()
    )

    left = {"bob@agency.example": ids[::-2], "agency.example": []}.get(pattern, ids[::-1])
    leads = site.record.leads(acme.id, ids[::-1])
    assert [lead.contact_id for lead in leads] == left


def test_a_suppression_of_another_workspace_holds_there(site: Site) -> None:
    """And one that was taken away holds nowhere any more."""
    acme, zeta = site.workspace(), site.workspace("zeta")
    ids = site.contacts(acme, "ann")
    target = parse_target("ann@agency.example")
    for workspace in (acme, zeta):
        site.record.add_suppressions(
            workspace.id, [target], SuppressionReason.BOUNCED, by="pat", at=site.clock.now()
        )

    assert site.record.leads(acme.id, ids) == []
    site.record.remove_suppressions(acme.id, [target])
    assert len(site.record.leads(acme.id, ids)) == 1
