"""``LeadsToSend``: contacts in the shape they are sent in."""

from __future__ import annotations

import pytest

from contracts.store.site import Site
from maverick_core.kernel.errors import Missing


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
