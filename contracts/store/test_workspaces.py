"""``Workspaces``: who is on record."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from contracts.store.site import Site, at_once
from maverick_core.kernel.errors import Conflict, Missing
from maverick_core.workspaces.rules import Hold, Workspace, new_workspace

ACME = new_workspace("acme", "Europe/Berlin", batch_size=250, campaign_id=42)


def test_a_workspace_comes_back_as_it_was_added(site: Site) -> None:
    """Every field is kept, and a new workspace is on hold until a token is stored."""
    added = site.record.add_workspace(ACME)

    assert added == Workspace(added.id, "acme", "Europe/Berlin", 250, 42, Hold.TOKEN_MISSING)
    assert site.record.workspace("acme") == added


def test_a_workspace_is_changed_in_place(site: Site) -> None:
    """Time zone, batch size and campaign; slug, id, token and hold stay as they are."""
    added = site.workspace("acme", token="1|good")  # noqa: S106 - made up

    changed = site.record.change_workspace(new_workspace("acme", "UTC", batch_size=7))

    assert changed == replace(added, timezone="UTC", batch_size=7, campaign_id=None)
    assert site.record.workspace("acme") == changed


def test_a_workspace_that_is_not_there_is_not_changed(site: Site) -> None:
    """Nothing is made by changing it."""
    with pytest.raises(Missing) as missing:
        site.record.change_workspace(ACME)

    assert missing.value.code == "workspace_missing"
    assert site.record.workspaces() == []


def test_a_workspace_needs_no_campaign(site: Site) -> None:
    """Without a campaign its leads are uploaded and left at that."""
    site.record.add_workspace(new_workspace("acme", "UTC"))

    assert site.record.workspace("acme").campaign_id is None


def test_workspaces_are_listed_by_slug(site: Site) -> None:
    """Bytewise, whatever the order they were added in and whatever the server's locale."""
    for slug in ("b", "a-2", "a1", "a"):
        site.record.add_workspace(new_workspace(slug, "UTC"))

    assert [workspace.slug for workspace in site.record.workspaces()] == ["a", "a-2", "a1", "b"]


def test_a_slug_that_is_taken_is_a_conflict(site: Site) -> None:
    """The first workspace stays as it was."""
    first = site.record.add_workspace(ACME)

    with pytest.raises(Conflict) as refused:
        site.record.add_workspace(new_workspace("acme", "UTC"))

    assert refused.value.code == "workspace_exists"
    assert site.record.workspaces() == [first]


def test_an_unknown_slug_is_missing(site: Site) -> None:
    """Absence is the domain's ``Missing``, never an empty hand."""
    with pytest.raises(Missing) as refused:
        site.record.workspace("nobody")

    assert refused.value.code == "workspace_missing"


def test_of_two_who_add_one_slug_at_once_one_wins(site: Site) -> None:
    """Two writers on one row: the other is told of the conflict."""
    answers = at_once(*[lambda: site.record.add_workspace(ACME)] * 4)

    assert sum(isinstance(answer, Workspace) for answer in answers) == 1
    assert sum(isinstance(answer, Conflict) for answer in answers) == 3
    assert len(site.record.workspaces()) == 1


def test_a_change_is_based_on_what_was_seen(site: Site) -> None:
    """Whatever part of it was changed meanwhile; nothing is changed then."""
    site.record.add_workspace(ACME)
    others = (
        replace(ACME, timezone="UTC"),
        replace(ACME, batch_size=7),
        replace(ACME, campaign_id=None),
        replace(ACME, campaign_id=43),
    )
    for seen in others:
        with pytest.raises(Conflict) as refused:
            site.record.change_workspace(others[1], seen=seen)
        assert refused.value.code == "changed_meanwhile"
        assert site.record.workspace("acme").asked == ACME
    site.record.change_workspace(others[2], seen=ACME)
    changed = site.record.change_workspace(others[1], seen=others[2])

    assert changed.asked == others[1]


def test_of_two_who_change_what_they_saw_at_once_one_is_told(site: Site) -> None:
    """The other's change stands."""
    site.record.add_workspace(ACME)
    sizes = (1, 2, 3, 4)
    calls = [
        partial(site.record.change_workspace, replace(ACME, batch_size=size), seen=ACME)
        for size in sizes
    ]
    results = at_once(*calls)

    assert sum(isinstance(each, Conflict) for each in results) == len(sizes) - 1
