"""Who may ask for what: the form of keys, their scopes and reach, and what is put on record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maverick_adapters.memory import ManualClock, MemoryRandomness, MemoryStore
from maverick_core.access.credentials import (
    SECRET_BYTES,
    bearer,
    digest_of,
    digest_sent,
    prefix_of,
    secret_of,
)
from maverick_core.access.replays import ANSWERS_KEPT, RUNS_AT_MOST, begins_again
from maverick_core.access.rules import (
    LONGEST_DAYS,
    SCOPES,
    Action,
    Key,
    Role,
    Scope,
    caller_of,
    expiry,
    scopes_for,
)
from maverick_core.access.service import AuditChange, Authenticate, CreateKey, RevokeKey
from maverick_core.kernel.errors import MaverickError, Missing, Rejected, Unauthorised, Unavailable
from maverick_core.workspaces.rules import new_workspace

NOW = ManualClock().now()

randomness = st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES)
roles = st.sampled_from(Role)
slugs = st.sampled_from(["acme", "acme-east", "beta", "zeta"])
moments = st.integers(-3, 3).map(lambda days: NOW + timedelta(days=days))
keys = st.builds(
    Key,
    id=st.integers(1, 9),
    name=st.just("portal"),
    prefix=st.just("mav_live_AbCd"),
    role=roles,
    scopes=st.frozensets(st.sampled_from(Scope)),
    slug=st.none() | slugs,
    created_at=st.just(NOW),
    expires_at=st.none() | moments,
    revoked_at=st.none() | moments,
    last_used_at=st.none(),
)


@given(randomness)
def test_a_key_that_was_made_is_read_as_the_same_key(drawn: bytes) -> None:
    """What is kept of it is what is found in the header that carries it."""
    secret = secret_of(drawn)

    assert digest_sent(bearer(secret)) == digest_of(secret)
    assert digest_sent(f"bearer  {secret} ") == digest_of(secret)


@given(randomness, randomness)
def test_two_keys_differ_wherever_their_bytes_do(one: bytes, other: bytes) -> None:
    """No randomness is lost on the way into text."""
    assert (secret_of(one) == secret_of(other)) == (one == other)


@given(randomness)
def test_what_lists_show_of_a_key_is_no_key(drawn: bytes) -> None:
    """Four characters of the random part, of 43."""
    secret = secret_of(drawn)

    assert len(secret) - len(prefix_of(secret)) == 43 - 4
    with pytest.raises(Unauthorised):
        digest_sent(bearer(prefix_of(secret)))


def test_a_key_of_fewer_bytes_is_a_defect() -> None:
    """Nobody is given a key that could be guessed."""
    with pytest.raises(ValueError, match="32 bytes"):
        secret_of(b"short")


@given(
    st.text()
    | st.text().map(lambda text: f"Bearer {text}")
    | st.text().map(lambda text: f"Bearer mav_live_{text}")
    | st.none()
)
def test_what_is_no_key_is_refused_without_repeating_it(sent: str | None) -> None:
    """It may be a password; whatever it is, nothing but ``Unauthorised`` comes of it."""
    with pytest.raises(Unauthorised) as refused:
        digest_sent(sent)
    with pytest.raises(Unauthorised) as other:
        digest_sent("Basic other" if sent else None)

    assert refused.value.code == ("key_malformed" if sent else "key_not_sent")
    assert str(refused.value) == str(other.value)
    assert refused.value.remedy == other.value.remedy


@pytest.mark.parametrize("spoil", ["{}=", "{}x", "{} {}", "{}\n", "x{}", "{}\u00e9"])
def test_a_key_with_something_added_is_no_key(spoil: str) -> None:
    """The whole of it, and nothing else."""
    secret = secret_of(bytes(SECRET_BYTES))

    with pytest.raises(Unauthorised, match="not a key"):
        digest_sent(bearer(spoil.format(secret, secret)))


@given(roles, st.none() | st.frozensets(st.sampled_from(Scope)))
def test_narrowing_never_widens(role: Role, asked: frozenset[Scope] | None) -> None:
    """A key has what was asked for and its role allows, or there is no key."""
    if asked is None or (asked and asked <= SCOPES[role]):
        assert scopes_for(role, asked) == (SCOPES[role] if asked is None else asked)
        return
    with pytest.raises(Rejected) as refused:
        scopes_for(role, asked)

    assert refused.value.code == ("scope_beyond_role" if asked else "no_scope")


def test_clients_and_viewers_change_nothing() -> None:
    """No scope of theirs writes; the audit log is for administrators."""
    written = {scope for scope in Scope if scope.endswith(":write")}

    assert written
    assert not written & (SCOPES[Role.CLIENT] | SCOPES[Role.VIEWER])
    assert {role for role in Role if Scope.AUDIT_READ in SCOPES[role]} == {Role.ADMIN}
    assert {role for role in Role if Scope.TOKENS_WRITE in SCOPES[role]} == {Role.ADMIN}


@given(keys, moments)
def test_a_key_is_good_until_it_is_revoked_or_expires(key: Key, now: datetime) -> None:
    """Revocation works at once, even one that a clock elsewhere puts in the future."""
    good = key.revoked_at is None and (key.expires_at is None or now < key.expires_at)
    if good:
        caller = caller_of(key, now)
        assert (caller.key_id, caller.role, caller.scopes) == (key.id, key.role, key.scopes)
        return
    with pytest.raises(Unauthorised) as refused:
        caller_of(key, now)

    assert refused.value.code == ("key_revoked" if key.revoked_at else "key_expired")
    assert refused.value.remedy


@given(keys, slugs)
def test_a_caller_bound_to_a_workspace_reaches_no_other(key: Key, asked: str) -> None:
    """Only a key of none reaches all."""
    caller = caller_of(replace(key, revoked_at=None, expires_at=None), NOW)

    assert caller.reaches(asked) == (key.slug is None or key.slug == asked)


@given(st.none() | st.integers())
def test_a_key_expires_in_days_that_make_sense_or_never(days: int | None) -> None:
    """From tomorrow to ten years."""
    if days is None:
        assert expiry(NOW, days) is None
    elif 1 <= days <= LONGEST_DAYS:
        assert expiry(NOW, days) == NOW + timedelta(days=days)
    else:
        with pytest.raises(Rejected):
            expiry(NOW, days)


@given(st.timedeltas(timedelta(0), 2 * ANSWERS_KEPT), st.booleans())
def test_a_request_begins_again_once_the_first_is_dead_or_its_answer_old(
    ago: timedelta,
    answered: bool,  # noqa: FBT001 - hypothesis gives it
) -> None:
    """A minute without an answer, a day with one."""
    again = begins_again(NOW - ago, answered=answered, at=NOW)

    assert again == (ago >= (ANSWERS_KEPT if answered else RUNS_AT_MOST))


class Desk:
    """The use cases over a store in memory."""

    def __init__(self) -> None:
        """Open one with the workspace acme."""
        self.clock = ManualClock()
        self.store = MemoryStore(self.clock)
        self.store.add_workspace(new_workspace("acme", "UTC"))
        self.create = CreateKey(self.store, MemoryRandomness(), self.clock)
        self.revoke = RevokeKey(self.store, self.clock)
        self.authenticate = Authenticate(self.store, self.clock)
        self.audit = AuditChange(self.store, self.clock, MemoryRandomness())

    @property
    def results(self) -> list[str]:
        """What became of the changes, in order."""
        return [entry.result for entry in reversed(self.store.audit_entries())]


@pytest.fixture
def desk() -> Desk:
    """Open a desk."""
    return Desk()


def test_a_created_key_lets_its_holder_in(desk: Desk) -> None:
    """As whom it was made for, and as nobody else."""
    created = desk.create("portal", Role.CLIENT, slug="acme", scopes=[Scope.BATCHES_READ])

    caller = desk.authenticate(bearer(created.secret))

    assert (caller.name, caller.role, caller.slug) == ("portal", Role.CLIENT, "acme")
    assert caller.scopes == {Scope.BATCHES_READ}
    assert created.secret not in f"{created!r} {desk.store.keys()!r}"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"name": "a key"}, "bad_key_name"),
        ({"name": "key\nx"}, "bad_key_name"),
        ({"role": Role.CLIENT}, "client_without_workspace"),
        ({"role": Role.VIEWER, "scopes": [Scope.AUDIT_READ]}, "scope_beyond_role"),
        ({"scopes": []}, "no_scope"),
        ({"expires_in_days": 0}, "bad_expiry"),
        ({"slug": "nobody"}, "workspace_missing"),
    ],
)
def test_a_key_that_cannot_be_is_not_made(desk: Desk, asked: dict[str, Any], code: str) -> None:
    """The error says why, and nothing is on record."""
    with pytest.raises(MaverickError) as refused:
        desk.create(**{"name": "portal", "role": Role.ADMIN, **asked})

    assert (refused.value.code, list(desk.store.keys())) == (code, [])


def test_a_revoked_key_is_refused_at_once(desk: Desk) -> None:
    """And the holder is told that it was, and not that it is unknown."""
    created = desk.create("portal", Role.ADMIN)
    desk.authenticate(bearer(created.secret))
    desk.revoke("portal")

    with pytest.raises(Unauthorised) as refused:
        desk.authenticate(bearer(created.secret))

    assert refused.value.code == "key_revoked"


def test_an_expired_key_is_refused_from_its_instant_on(desk: Desk) -> None:
    """Not a second later."""
    created = desk.create("portal", Role.ADMIN, expires_in_days=1)
    desk.clock.advance(86_399)
    desk.authenticate(bearer(created.secret))
    desk.clock.advance(1)

    with pytest.raises(Unauthorised) as refused:
        desk.authenticate(bearer(created.secret))

    assert refused.value.code == "key_expired"


def test_a_key_of_elsewhere_is_unknown(desk: Desk) -> None:
    """Well formed is not enough."""
    with pytest.raises(Unauthorised) as refused:
        desk.authenticate(bearer(secret_of(bytes(SECRET_BYTES))))

    assert refused.value.code == "key_unknown"


def test_the_use_of_a_key_is_noted_once_a_minute(desk: Desk) -> None:
    """A write for each request would cost more than the request."""
    created = desk.create("portal", Role.ADMIN)
    header = bearer(created.secret)
    noted = []
    for seconds in (0, 59, 1):
        desk.clock.advance(seconds)
        desk.authenticate(header)
        noted.append(desk.store.keys()[0].last_used_at)

    first = ManualClock().now()
    assert noted == [first, first, first + timedelta(minutes=1)]


class Busy(MemoryStore):
    """A record that can be read and not be written."""

    def key_used(self, key_id: int, *, at: datetime) -> None:
        """Refuse."""
        raise Unavailable(f"Too busy for {key_id} at {at}.", code="db_busy")


def test_a_use_that_cannot_be_noted_refuses_nobody(desk: Desk) -> None:
    """Who asks is known; when they last did is for people's curiosity."""
    store = Busy(desk.clock)
    created = CreateKey(store, MemoryRandomness(), desk.clock)("portal", Role.ADMIN)

    assert Authenticate(store, desk.clock)(bearer(created.secret)).name == "portal"


def test_a_change_is_on_record_before_and_after(desk: Desk) -> None:
    """Begun and done, as one request."""
    with desk.audit(Action.KEY_REVOKE, "portal", actor="cli:pat", slug="acme", detail="lost"):
        during = desk.results

    last, first = desk.store.audit_entries()
    assert (during, desk.results) == (["begun"], ["begun", "done"])
    assert first.request_id == last.request_id != ""
    assert (last.actor, last.action, last.subject) == ("cli:pat", "keys.revoke", "portal")
    assert (last.slug, last.detail) == ("acme", "lost")


def test_a_change_that_fails_is_on_record_with_its_code(desk: Desk) -> None:
    """And the error goes on its way."""
    with pytest.raises(Missing), desk.audit(Action.KEY_REVOKE, "portal", actor="cli:pat"):
        desk.revoke("portal")

    assert desk.results == ["begun", "key_missing"]


def test_an_address_that_somebody_typed_is_withheld(desk: Desk) -> None:
    """What is on record here stays for good, and so must be nobody's data."""
    typed = "ada@agency.example"
    with desk.audit(
        Action.TARGET_SET, f"{typed}/2026-11", actor="cli:pat", slug=typed, detail=typed
    ):
        pass

    assert "ada" not in repr(desk.store.audit_entries())


@pytest.mark.parametrize("end", [KeyboardInterrupt, AssertionError])
def test_a_change_that_breaks_off_is_not_called_done(desk: Desk, end: type[BaseException]) -> None:
    """Nobody knows how far it got."""
    with pytest.raises(end), desk.audit(Action.TARGET_SET, "acme/2026-11", actor="cli:pat"):
        raise end

    assert desk.results == ["begun", "broken_off"]


class Deaf(MemoryStore):
    """A record whose audit log takes so many entries and then no more."""

    room = 0

    def audit(self, **entry: Any) -> None:
        """Take it where there is room."""
        if not self.room:
            raise Unavailable("The database cannot be reached.", code="db_unreachable")
        self.room -= 1
        super().audit(**entry)


@contextmanager
def deaf_after(desk: Desk, entries: int) -> Iterator[None]:
    """Audit a change on a log with room for so many entries."""
    log = Deaf(desk.clock)
    log.room = entries
    with AuditChange(log, desk.clock, MemoryRandomness())(
        Action.TARGET_SET, "acme/2026-11", actor="cli:pat"
    ):
        yield


def test_what_cannot_be_put_on_record_is_not_done(desk: Desk) -> None:
    """Nobody changes anything without a trace."""
    changed = False
    with pytest.raises(Unavailable), deaf_after(desk, 0):
        changed = True

    assert not changed


def test_a_change_that_was_made_is_not_called_failed_for_its_record(desk: Desk) -> None:
    """*Begun* without a result stays behind; the one who asked hears of the change."""
    changed = False
    with deaf_after(desk, 1):
        changed = True

    assert changed
