"""Tokens at rest are unreadable, bound to their workspace, and survive a change of keys."""

from __future__ import annotations

import base64
import traceback

import pytest

from maverick_adapters.vault import KEY_BYTES, Sealed, Vault
from maverick_core.kernel.errors import Rejected, Unavailable

TOKEN = "12|cAnArYcAnArY"  # noqa: S105 - made up
OLD, NEW = Vault.new_key(), Vault.new_key()


def test_a_sealed_token_opens_again() -> None:
    """With the same key, for the same workspace."""
    vault = Vault.from_secret(OLD)

    assert vault.open(1, vault.seal(1, TOKEN)) == TOKEN


def test_a_sealed_token_does_not_show_the_token() -> None:
    """Nor do two seals of one token look alike."""
    vault = Vault.from_secret(OLD)
    one, other = vault.seal(1, TOKEN), vault.seal(1, TOKEN)

    assert TOKEN.encode() not in one.ciphertext
    assert one.ciphertext != other.ciphertext


def test_a_token_opens_for_its_own_workspace_only() -> None:
    """A row that is copied to another workspace is worthless there."""
    vault = Vault.from_secret(OLD)
    sealed = vault.seal(1, TOKEN)

    assert refusal(vault, 2, sealed) == "secret_key_wrong"


def test_a_token_opens_with_an_older_key_that_is_still_configured() -> None:
    """The first key seals, all of them open: that is how a key is replaced."""
    sealed = Vault.from_secret(OLD).seal(1, TOKEN)
    rotated = Vault.from_secret(f"{NEW}, {OLD}")

    assert rotated.open(1, sealed) == TOKEN
    assert Vault.from_secret(NEW).open(1, rotated.seal(1, TOKEN)) == TOKEN


def test_a_token_does_not_open_with_another_key() -> None:
    """The remedy names both ways out."""
    sealed = Vault.from_secret(OLD).seal(1, TOKEN)

    with pytest.raises(Unavailable) as refused:
        Vault.from_secret(NEW).open(1, sealed)

    assert refused.value.code == "secret_key_wrong"
    assert "MAVERICK_SECRET_KEY" in refused.value.remedy
    assert "tokens set" in refused.value.remedy


@pytest.mark.parametrize("position", [0, 12, -1])
def test_a_token_that_was_tampered_with_does_not_open(position: int) -> None:
    """One bit anywhere, in the nonce, the text or its tag."""
    vault = Vault.from_secret(OLD)
    sealed = vault.seal(1, TOKEN)
    bent = bytearray(sealed.ciphertext)
    bent[position] ^= 1

    assert refusal(vault, 1, Sealed(sealed.key_id, bytes(bent))) == "secret_key_wrong"


def test_a_token_that_was_cut_short_does_not_open() -> None:
    """Not even a nonce is left of it."""
    vault = Vault.from_secret(OLD)
    key_id = vault.seal(1, TOKEN).key_id

    assert refusal(vault, 1, Sealed(key_id, b"")) == "secret_key_wrong"


def refusal(vault: Vault, workspace_id: int, sealed: Sealed) -> str:
    with pytest.raises(Unavailable) as refused:
        vault.open(workspace_id, sealed)
    return refused.value.code


def test_without_a_key_nothing_is_sealed() -> None:
    """What needs no token works without a key; storing a token says what is missing."""
    vault = Vault.from_secret("")

    with pytest.raises(Rejected) as refused:
        vault.seal(1, TOKEN)

    assert refused.value.code == "secret_key_missing"


def test_without_a_key_nothing_opens() -> None:
    """Whoever lost the key is told so when a token is needed, not before."""
    sealed = Vault.from_secret(OLD).seal(1, TOKEN)

    assert refusal(Vault.from_secret(" "), 1, sealed) == "secret_key_wrong"


@pytest.mark.parametrize(
    "secret",
    [
        "hunter2",
        "ü" * KEY_BYTES,
        base64.urlsafe_b64encode(bytes(16)).decode(),
        f"{OLD},",
        f"{OLD},hunter2",
    ],
    ids=["word", "not ascii", "short", "nothing after a comma", "second"],
)
def test_what_is_not_a_key_is_refused(secret: str) -> None:
    """And not repeated: part of it may be one."""
    with pytest.raises(Rejected) as refused:
        Vault.from_secret(secret)

    assert refused.value.code == "bad_secret_key"
    shown = "".join(traceback.format_exception(refused.value))
    assert "hunter2" not in shown
    assert OLD not in shown


def test_a_vault_shows_nothing() -> None:
    """However it is printed."""
    vault = Vault.from_secret(OLD)

    assert repr(vault) == str(vault) == "Vault()"


def test_a_sealed_token_is_named_by_its_key_without_telling_of_it() -> None:
    """The id is the same in every process, and not a part of the key."""
    key_id = Vault.from_secret(OLD).seal(1, TOKEN).key_id

    assert key_id == Vault.from_secret(OLD).seal(2, "another").key_id
    assert key_id not in base64.urlsafe_b64decode(OLD).hex()
