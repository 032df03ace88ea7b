"""Few mailboxes, badly written down, so that histories meet in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from hypothesis import strategies as st

from maverick_adapters.cleaning import LibraryCleaner
from maverick_core.pipeline.filtering.disposable import DisposableList
from maverick_core.pipeline.filtering.ports import RuleSets
from maverick_core.pipeline.filtering.service import Judges
from maverick_core.pipeline.raw import NewRaw

SLUGS: Final = ("acme", "zeta")
MAILBOXES: Final = (
    "ann@oak.example",
    "an-n@oak.example",  # databases that sort by a language's rules put these elsewhere
    "an_n@oak.example",
    "info@oak.example",  # a role
    "bob@any.example",
    "o'cy@any.example",
    "di@gone.test",
    "eve@gmail.com",
)
CATCH_ALL: Final = "any.example"
DISPOSABLE: Final = "gone.test"
DOMAINS: Final = tuple(sorted({email.partition("@")[2] for email in MAILBOXES}))
_NO_MAILBOX: Final = (None, "", "ann@", "an\0n@oak.example", "bob\ud800@any.example")
_WAYS: Final[tuple[Callable[[str], str], ...]] = (str, str, str.upper, str.title, "\t {} ".format)

slugs = st.sampled_from(SLUGS)
slugs_or_all = st.sampled_from([*SLUGS, None])
mailboxes = st.sampled_from(MAILBOXES)
spellings = st.builds(lambda email, way: way(email), mailboxes, st.sampled_from(_WAYS))


class Found(NamedTuple):
    """What somebody wrote down of a contact."""

    email: str | None
    first_name: str | None
    title: str | None


found = st.builds(
    Found,
    st.one_of(spellings, spellings, spellings, st.sampled_from(_NO_MAILBOX)),
    st.sampled_from(["Ann", "Ann", "Ann", None]),
    st.sampled_from([None, "Agent"]),
)


def as_raw(number: int, each: Found) -> NewRaw:
    """Return the raw contact that it is in row ``number`` of its origin."""
    return NewRaw(number, email=each.email, first_name=each.first_name, title=each.title)


class _Disposable:
    """Knows one domain."""

    def disposable_list(self) -> DisposableList:
        """Return it."""
        return DisposableList(0, (DISPOSABLE,))


_CLEANER: Final = LibraryCleaner()
_DISPOSABLE: Final = _Disposable()


def judges(rule_sets: RuleSets) -> Judges:
    """Return who judges by the rules on record."""
    return Judges(rule_sets, _CLEANER, _DISPOSABLE)
