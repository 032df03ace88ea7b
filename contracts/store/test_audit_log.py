"""``AuditLog``: who did what, in order, for good."""

from __future__ import annotations

from functools import partial

from contracts.store.site import Site, at_once
from maverick_core.access.ports import AuditEntry


def audit(site: Site, subject: str = "portal", slug: str | None = None) -> None:
    """Append an entry of this moment."""
    site.record.audit(
        actor="key:ops",
        action="keys.revoke",
        subject=subject,
        result="done",
        slug=slug,
        at=site.clock.now(),
    )


def subjects(site: Site, **asked: object) -> list[str]:
    """Return what the entries are about, as they are listed."""
    return [entry.subject for entry in site.record.audit_entries(**asked)]  # type: ignore[arg-type]


def test_an_entry_comes_back_as_it_went(site: Site) -> None:
    """With the workspace's name, whether there is such a workspace or not."""
    site.record.audit(
        actor="cli:pat",
        action="targets.set",
        subject="acme/2026-11",
        result="workspace_missing",
        slug="acme",
        detail="10,000 contacts",
        request_id="r-1",
        at=site.clock.now(),
    )

    [entry] = site.record.audit_entries()
    assert entry == AuditEntry(
        id=entry.id,
        at=site.clock.now(),
        actor="cli:pat",
        action="targets.set",
        slug="acme",
        subject="acme/2026-11",
        result="workspace_missing",
        detail="10,000 contacts",
        request_id="r-1",
    )


def test_what_an_entry_does_not_say_is_empty(site: Site) -> None:
    """Of no workspace, without words, of no request."""
    audit(site)

    [entry] = site.record.audit_entries()
    assert (entry.slug, entry.detail, entry.request_id) == (None, "", "")


def test_entries_are_listed_the_newest_first_page_by_page(site: Site) -> None:
    """The last one's id leads to the next page, which is empty behind the first entry."""
    for number in range(5):
        audit(site, str(number))

    pages = [site.record.audit_entries(limit=2)]
    while pages[-1] and len(pages) < 5:
        pages.append(site.record.audit_entries(before=pages[-1][-1].id, limit=2))

    found = [[entry.subject for entry in page] for page in pages]
    assert found == [["4", "3"], ["2", "1"], ["0"], []]


def test_entries_of_a_workspace_are_found(site: Site) -> None:
    """Those that concern it, and no others."""
    for subject, slug in (("one", "acme"), ("two", None), ("three", "zeta"), ("four", "acme")):
        audit(site, subject, slug)

    assert subjects(site, slug="acme") == ["four", "one"]
    assert subjects(site, slug="acme", limit=1) == ["four"]
    assert subjects(site, slug="nobody") == []


def test_entries_that_are_written_at_once_are_all_kept(site: Site) -> None:
    """Each with a number of its own."""
    at_once(*(partial(audit, site, str(number)) for number in range(8)))

    assert sorted(subjects(site)) == [str(number) for number in range(8)]
    assert len({entry.id for entry in site.record.audit_entries()}) == 8
