"""``ContactPages``: a workspace's contacts, page by page, each with where it is."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.store.site import Site, contact
from maverick_core.pipeline.contact import ContactState
from maverick_core.pipeline.upload.actions import Settle
from maverick_core.pipeline.views import ContactView


def ids(views: Sequence[ContactView]) -> list[int]:
    """Return whose views they are."""
    return [view.id for view in views]


def test_a_contact_shows_where_it_is(site: Site) -> None:
    """Its state, its batch, and the reason that it was not taken for."""
    batch, (ann, *_) = site.batch("ann", "bob")
    claim = site.claim(batch)
    site.send(claim)
    site.settle(claim, Settle(0, rejected=[(ann, "bounced")]))

    [view, _] = site.record.contacts(site.workspace_id(batch))

    assert view == ContactView(
        id=ann,
        email=contact("ann").email,
        first_name="Ann",
        last_name=None,
        company="Agency",
        import_id=view.import_id,
        verified_at=view.verified_at,
        state=ContactState.REJECTED,
        batch_id=batch,
        reason="bounced",
    )


def test_contacts_come_in_order_and_by_page(site: Site) -> None:
    """Each page goes on behind the last id of the page before; other workspaces' stay out."""
    acme, zeta = site.workspace(), site.workspace("zeta")
    first = site.contacts(acme, "ann", "bob")
    site.contacts(zeta, "ann")
    everybody = [*first, *site.contacts(acme, "cy")]

    pages = [site.record.contacts(acme.id, limit=2)]
    pages.append(site.record.contacts(acme.id, after=pages[0][-1].id, limit=2))

    assert [ids(page) for page in pages] == [everybody[:2], everybody[2:]]
    assert site.record.contacts(acme.id, after=everybody[-1]) == []


def test_contacts_are_found_by_state_import_and_batch(site: Site) -> None:
    """Filters narrow each other."""
    batch, (ann, bob, cy) = site.batch("ann", "bob", "cy")
    [acme] = site.record.workspaces()
    [free] = site.contacts(acme, "di")
    claim = site.claim(batch)
    site.send(claim)
    site.settle(claim, Settle(0, accepted=[(ann, 11)], skipped=[bob]))
    last = site.record.contacts(acme.id)[-1].import_id

    def found(**wanted: object) -> list[int]:
        return ids(site.record.contacts(acme.id, **wanted))  # type: ignore[arg-type]

    assert found(state=ContactState.VERIFIED) == [free]
    assert found(state=ContactState.UPLOADED) == [ann]
    assert found(state=ContactState.SKIPPED) == [bob]
    assert found(state=ContactState.IN_DOUBT) == [cy]
    assert found(import_id=last) == [free]
    assert found(batch_id=batch) == [ann, bob, cy]
    assert found(batch_id=batch, state=ContactState.SKIPPED) == [bob]
    assert found(batch_id=batch, import_id=last) == []


def test_a_released_contact_is_verified_and_in_no_batch(site: Site) -> None:
    """It waits for the next plan."""
    batch, (ann,) = site.batch("ann")
    site.record.cancel(batch, site.decision())

    [view] = site.record.contacts(site.workspace_id(batch))

    assert (view.id, view.state, view.batch_id) == (ann, ContactState.VERIFIED, None)
