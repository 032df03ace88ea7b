"""``Tokens``: kept secret, and what a workspace's hold hangs on."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from contracts.store.site import IDENTITY, Site, at_once
from maverick_core.kernel.errors import Missing
from maverick_core.workspaces.ports import TokenIdentity, TokenStatus
from maverick_core.workspaces.rules import Hold, Workspace

SECRET = "34|cAnArYcAnArY"  # noqa: S105 - made up


@pytest.fixture
def acme(site: Site) -> Workspace:
    """Add a workspace without a token."""
    return site.workspace(token=None)


def test_a_stored_token_is_revealed_and_lifts_the_hold(site: Site, acme: Workspace) -> None:
    """One call does both."""
    site.record.store_token(acme.id, SECRET, IDENTITY, at=site.clock.now())

    assert site.record.reveal_token(acme.id) == SECRET
    assert site.record.workspace("acme").hold is None


def test_a_status_shows_four_characters_and_no_more(site: Site, acme: Workspace) -> None:
    """What may be shown is the hint, whose token it is and since when."""
    now = site.clock.now()
    site.record.store_token(acme.id, SECRET, IDENTITY, at=now)

    status = site.record.token_status(acme.id)

    assert status == TokenStatus(acme.id, "nArY", IDENTITY, now, None)
    assert SECRET not in repr(status)


def test_without_a_token_there_is_no_status_and_nothing_to_reveal(
    site: Site, acme: Workspace
) -> None:
    """A status may be asked for at any time; revealing what is not there is ``Missing``."""
    assert site.record.token_status(acme.id) is None
    with pytest.raises(Missing) as refused:
        site.record.reveal_token(acme.id)

    assert refused.value.code == "token_missing"


def test_a_refused_token_puts_the_workspace_on_hold(site: Site, acme: Workspace) -> None:
    """The token itself stays, so that it can be tested again."""
    now = site.clock.now()
    site.record.store_token(acme.id, SECRET, IDENTITY, at=now)
    later = now + timedelta(hours=1)

    site.record.refuse_token(acme.id, set_at=now, at=later)

    status = site.record.token_status(acme.id)
    assert site.record.workspace("acme").hold is Hold.TOKEN_REFUSED
    assert status
    assert status.refused_at == later
    assert site.record.reveal_token(acme.id) == SECRET


def test_a_token_that_was_replaced_is_refused_in_vain(site: Site, acme: Workspace) -> None:
    """A test of the old token that ends late says nothing about the new one."""
    now = site.clock.now()
    site.record.store_token(acme.id, SECRET, IDENTITY, at=now)
    later = now + timedelta(seconds=1)
    site.record.store_token(acme.id, "35|other-Wxyz", IDENTITY, at=later)

    site.record.refuse_token(acme.id, set_at=now, at=later)

    assert site.record.workspace("acme").hold is None
    status = site.record.token_status(acme.id)
    assert status
    assert status.refused_at is None


def test_a_new_token_replaces_a_refused_one(site: Site, acme: Workspace) -> None:
    """Hold, refusal and the old token are gone together."""
    now = site.clock.now()
    site.record.store_token(acme.id, SECRET, IDENTITY, at=now)
    site.record.refuse_token(acme.id, set_at=now, at=now)
    other = TokenIdentity(8, "Acme West")

    site.record.store_token(acme.id, "35|other-Wxyz", other, at=now)

    assert site.record.token_status(acme.id) == TokenStatus(acme.id, "Wxyz", other, now, None)
    assert site.record.reveal_token(acme.id) == "35|other-Wxyz"
    assert site.record.workspace("acme").hold is None


def test_tokens_of_workspaces_do_not_mix(site: Site, acme: Workspace) -> None:
    """Refusing one workspace's token leaves the other's alone."""
    zeta = site.workspace("zeta", token=SECRET)
    site.record.store_token(acme.id, "35|mine", IDENTITY, at=site.clock.now())

    site.refuse_token(acme.id)

    assert site.record.workspace("zeta").hold is None
    assert site.record.reveal_token(zeta.id) == SECRET


def test_of_two_tokens_stored_at_once_one_is_kept_whole(site: Site, acme: Workspace) -> None:
    """Two writers on one row: token and hint are of the same one."""
    now = site.clock.now()
    tokens = [f"{number}|token-{number}{number}{number}{number}" for number in range(1, 5)]

    answers = at_once(
        *(partial(site.record.store_token, acme.id, token, IDENTITY, at=now) for token in tokens)
    )

    status = site.record.token_status(acme.id)
    assert answers == [None] * 4
    assert status
    assert site.record.reveal_token(acme.id).endswith(status.hint)
