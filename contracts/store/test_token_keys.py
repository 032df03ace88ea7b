"""``TokenKeys``: a change of the secret key takes every token along and loses none."""

from __future__ import annotations

from functools import partial

import pytest

from contracts.store.site import IDENTITY, Site, at_once
from maverick_core.kernel.errors import Rejected, Unavailable
from maverick_core.workspaces.service import RotateKey

CLIENTS = [f"client-{number}" for number in range(5)]


def given(slug: str) -> str:
    """Return the token that the workspace is given."""
    return f"7|{slug}-TokenToken"


@pytest.fixture
def old(site: Site) -> Site:
    """Store five tokens with the key ``old``."""
    site.use_keys("old")
    for slug in CLIENTS:
        site.workspace(slug, token=given(slug))
    return site


def revealed(site: Site) -> dict[str, str]:
    """Return every token in clear."""
    return {w.slug: site.record.reveal_token(w.id) for w in site.record.workspaces()}


def rotate(site: Site) -> RotateKey:
    """Return the use case on this record."""
    return RotateKey(site.record, site.record)


def test_a_token_is_encrypted_with_the_first_key_and_counted_by_it(old: Site) -> None:
    """The count names keys by id and workspaces not at all."""
    old.use_keys("new", "old")
    old.workspace("west")

    assert list(old.record.key_ids()) == ["new", "old"]
    assert dict(old.record.tokens_by_key()) == {"old": 5, "new": 1}


def test_tokens_to_reseal_come_in_pages_by_workspace(old: Site) -> None:
    """Those of the first key are not among them."""
    old.use_keys("new", "old")
    old.workspace("west")
    ids = sorted(w.id for w in old.record.workspaces() if w.slug != "west")

    first = old.record.tokens_to_reseal(after=0, limit=3)

    assert list(first) == ids[:3]
    assert list(old.record.tokens_to_reseal(after=first[-1], limit=3)) == ids[3:]
    assert list(old.record.tokens_to_reseal(after=ids[-1], limit=3)) == []


def test_after_a_rotation_the_new_key_alone_reads_everything(old: Site) -> None:
    """And the old key, alone, reads nothing any more."""
    before = revealed(old)
    statuses = [old.record.token_status(w.id) for w in old.record.workspaces()]
    old.use_keys("new", "old")

    done = rotate(old)()

    assert (done.current, done.old, done.left) == ("new", 0, ())
    assert (dict(done.before), dict(done.after)) == ({"old": 5}, {"new": 5})
    old.use_keys("new")
    assert revealed(old) == before == {slug: given(slug) for slug in CLIENTS}
    assert [old.record.token_status(w.id) for w in old.record.workspaces()] == statuses
    old.use_keys("old")
    for workspace in old.record.workspaces():
        with pytest.raises(Unavailable) as refused:
            old.record.reveal_token(workspace.id)
        assert refused.value.code == "secret_key_wrong"


def test_a_rotation_that_broke_off_is_finished_by_the_next(old: Site) -> None:
    """Token by token: what was done stays done, and at no moment is a token unreadable."""
    old.use_keys("new", "old")
    first = old.record.tokens_to_reseal(after=0, limit=1)[0]

    assert old.record.reseal_token(first)
    assert not old.record.reseal_token(first)
    assert revealed(old) == {slug: given(slug) for slug in CLIENTS}
    done = rotate(old)()

    assert (dict(done.before), dict(done.after)) == ({"old": 4, "new": 1}, {"new": 5})
    again = rotate(old)()
    assert again.before == again.after == done.after


def test_a_dry_run_counts_and_changes_nothing(old: Site) -> None:
    """What is left to do is what it says."""
    old.use_keys("new", "old")

    told = rotate(old)(dry_run=True)

    assert (told.old, dict(told.after)) == (5, {"old": 5})
    assert dict(old.record.tokens_by_key()) == {"old": 5}


def test_a_token_of_a_lost_key_stays_and_does_not_stop_the_others(old: Site) -> None:
    """It is named by its workspace; whoever finds the key again can still read it."""
    old.use_keys("lost")
    old.workspace("west", token=given("west"))
    old.use_keys("new", "old")

    done = rotate(old)()

    assert (done.left, done.old, dict(done.after)) == (("west",), 1, {"new": 5, "lost": 1})
    old.use_keys("new", "lost")
    assert revealed(old) == {slug: given(slug) for slug in [*CLIENTS, "west"]}


def test_what_has_no_token_has_nothing_to_reseal(old: Site) -> None:
    """It is no error: the token may have gone in the meantime."""
    old.use_keys("new", "old")
    bare = old.workspace("west", token=None)

    assert not old.record.reseal_token(bare.id)


def test_without_a_key_there_is_nothing_to_rotate_to(old: Site) -> None:
    """The complaint says where the key belongs."""
    old.use_keys()

    assert list(old.record.tokens_to_reseal(after=0, limit=9)) == []
    with pytest.raises(Rejected) as refused:
        rotate(old)()
    assert refused.value.code == "secret_key_missing"


def test_a_token_that_is_stored_meanwhile_is_not_undone(old: Site) -> None:
    """Whichever comes first, the one that somebody stored is the one that stays."""
    old.use_keys("new", "old")
    acme = old.record.workspaces()[0]
    now = old.clock.now()

    at_once(
        partial(old.record.reseal_token, acme.id),
        partial(old.record.store_token, acme.id, "8|fresh-Wxyz", IDENTITY, at=now),
    )

    assert old.record.reveal_token(acme.id) == "8|fresh-Wxyz"
