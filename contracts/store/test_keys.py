"""``Keys``: who may come in, and from when on not any more."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from contracts.store.site import Site, at_once
from maverick_core.access.ports import NewKey
from maverick_core.access.rules import Key, Role, Scope
from maverick_core.kernel.errors import Conflict, Missing

DIGEST = bytes(range(32))


def new_key(name: str = "portal", *, digest: bytes = DIGEST, slug: str | None = None) -> NewKey:
    """Return a key to be put on record."""
    return NewKey(
        name=name,
        prefix="mav_live_AbCd",
        digest=digest,
        role=Role.OPERATOR,
        scopes=frozenset({Scope.BATCHES_READ, Scope.BATCHES_WRITE}),
        slug=slug,
        expires_at=None,
    )


def add(site: Site, new: NewKey) -> Key:
    """Add it now."""
    return site.record.add_key(new, at=site.clock.now())


def test_a_key_comes_back_as_it_went(site: Site) -> None:
    """Found by its digest, shown without it."""
    site.workspace("acme")
    now = site.clock.now()
    new = NewKey(
        name="acme-portal",
        prefix="mav_live_AbCd",
        digest=DIGEST,
        role=Role.CLIENT,
        scopes=frozenset({Scope.BATCHES_READ, Scope.TARGETS_READ}),
        slug="acme",
        expires_at=now + timedelta(days=30),
    )

    key = add(site, new)

    assert key == Key(
        id=key.id,
        name="acme-portal",
        prefix="mav_live_AbCd",
        role=Role.CLIENT,
        scopes=new.scopes,
        slug="acme",
        created_at=now,
        expires_at=new.expires_at,
        revoked_at=None,
        last_used_at=None,
    )
    assert site.record.key_of(DIGEST) == key
    assert site.record.keys() == [key]


def test_a_digest_that_nobody_has_finds_nothing(site: Site) -> None:
    """One that differs in a bit is another."""
    add(site, new_key())

    assert site.record.key_of(bytes([1, *DIGEST[1:]])) is None


def test_keys_are_listed_the_newest_first(site: Site) -> None:
    """Revoked ones too."""
    for number, name in enumerate(("one", "two", "three")):
        add(site, new_key(name, digest=bytes([number] * 32)))
    site.record.revoke_key("two", at=site.clock.now())

    found = site.record.keys()
    assert [key.name for key in found] == ["three", "two", "one"]


def test_a_key_of_no_workspace_there_is_cannot_be_added(site: Site) -> None:
    """And leaves nothing."""
    with pytest.raises(Missing) as refused:
        add(site, new_key(slug="nobody"))

    assert refused.value.code == "workspace_missing"
    assert site.record.keys() == []


def test_a_name_belongs_to_one_key(site: Site) -> None:
    """So that revoking by name means one."""
    add(site, new_key())

    with pytest.raises(Conflict) as refused:
        add(site, new_key(digest=bytes(32)))

    assert refused.value.code == "key_exists"
    assert len(site.record.keys()) == 1


def test_of_keys_added_at_once_with_one_name_one_is_added(site: Site) -> None:
    """The others are told that the name is taken."""
    answers = at_once(
        *(partial(add, site, new_key(digest=bytes([number] * 32))) for number in range(6))
    )

    assert sum(isinstance(answer, Key) for answer in answers) == 1
    assert sum(isinstance(answer, Conflict) for answer in answers) == 5
    assert len(site.record.keys()) == 1


def test_a_revoked_key_is_found_revoked_at_once(site: Site) -> None:
    """It is still found, so that its holder can be told."""
    add(site, new_key())
    site.clock.advance(5)

    revoked = site.record.revoke_key("portal", at=site.clock.now())

    assert revoked.revoked_at == site.clock.now()
    assert site.record.key_of(DIGEST) == revoked


def test_the_name_of_a_revoked_key_is_free(site: Site) -> None:
    """The successor can have it, and is the one that it names."""
    add(site, new_key())
    first = site.record.revoke_key("portal", at=site.clock.now())
    second = add(site, new_key(digest=bytes(32)))
    site.record.revoke_key("portal", at=site.clock.now())

    assert second.id != first.id
    found = site.record.keys()
    assert all(key.revoked_at for key in found)


@pytest.mark.parametrize("name", ["nobody", "revoked"])
def test_a_key_that_is_not_there_cannot_be_revoked(site: Site, name: str) -> None:
    """Nor one that is revoked already."""
    add(site, new_key("revoked"))
    site.record.revoke_key("revoked", at=site.clock.now())

    with pytest.raises(Missing) as refused:
        site.record.revoke_key(name, at=site.clock.now())

    assert refused.value.code == "key_missing"


def test_of_those_who_revoke_a_key_at_once_one_did_it(site: Site) -> None:
    """The first instant stays."""
    add(site, new_key())

    answers = at_once(*[partial(site.record.revoke_key, "portal", at=site.clock.now())] * 4)

    assert sum(isinstance(answer, Key) for answer in answers) == 1
    assert sum(isinstance(answer, Missing) for answer in answers) == 3


def test_the_last_use_is_the_last(site: Site) -> None:
    """A slow request does not move it back; a key that is gone is nobody's concern."""
    key = add(site, new_key())
    now = site.clock.now()
    site.record.key_used(key.id, at=now)
    site.record.key_used(key.id, at=now - timedelta(seconds=1))
    site.record.key_used(key.id + 1, at=now)

    [found] = site.record.keys()
    assert found.last_used_at == now
