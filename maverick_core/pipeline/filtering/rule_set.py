"""What a workspace wants filtered: a value, read from JSON, never changed, numbered by version."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from maverick_core.kernel.errors import Rejected
from maverick_core.pipeline.filtering.states import STATES, state_code

DEFAULTS_VERSION: Final = 0  # what a workspace has before anybody sets rules


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules that differ between workspaces; all others hold for everybody.

    The defaults keep to what Email Bison does anyway: it skips personal domains without a word. An
    empty set of states or lines of business is no restriction. Lines of business and blocked words
    are in lower case.
    """

    role_accounts: bool = True
    """Filter mailboxes of functions: info@, sales@."""
    disposable_domains: bool = True
    personal_domains: bool = True
    other_workspaces: bool = False
    """Filter mailboxes that another workspace has."""
    states: frozenset[str] = frozenset()
    """Postal codes that the client works in."""
    unknown_state: bool = True
    """Filter contacts without a readable state, where ``states`` are restricted."""
    lines_of_business: frozenset[str] = frozenset()
    unknown_line_of_business: bool = True
    blocked_words: tuple[str, ...] = ()
    """Words, or several in a row, that must not stand in a name, title or company."""


@dataclass(frozen=True, slots=True)
class RuleSetVersion:
    """A rule set on record. ``definition`` is its JSON; ``by`` and ``at`` say who set it when."""

    version: int
    definition: str
    by: str
    at: datetime


def parse_rule_set(text: str) -> RuleSet:
    """Read a rule set from JSON. What is not in it keeps its default.

    Raises:
        Rejected: ``bad_rules``; the message points at the place and says what may stand there.

    """
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise _bad("", "this is not JSON") from None
    if not isinstance(given, dict):
        raise _bad("", "an object is wanted")
    values = {}
    for name, value in given.items():
        read = _READERS.get(name)
        if read is None:
            raise _bad(f"/{name}", f"there is no such rule; there are {', '.join(_READERS)}")
        values[name] = read(f"/{name}", value)
    return RuleSet(**values)


def rule_set_json(rules: RuleSet) -> str:
    """Return the whole rule set as JSON, which ``parse_rule_set`` reads back."""
    return json.dumps(as_plain(rules), ensure_ascii=False)


def as_plain(rules: RuleSet) -> Mapping[str, Any]:
    """Return the rule set as what JSON can hold."""
    values = {name: getattr(rules, name) for name in _READERS}
    return {
        name: _SAID[value] if isinstance(value, bool) else sorted(value)
        for name, value in values.items()
    }


_SAID: Final = {True: "filter", False: "keep"}
_HEARD: Final = {said: value for value, said in _SAID.items()}
_MOST: Final = 1_000  # entries of a list
_LONGEST: Final = 100  # characters of an entry


def _switch(pointer: str, value: object) -> bool:
    if not isinstance(value, str) or value not in _HEARD:
        raise _bad(pointer, 'write "filter" or "keep"')
    return _HEARD[value]


def _words(pointer: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > _MOST:
        raise _bad(pointer, f"a list of at most {_MOST:,} texts is wanted")
    found = []
    for at, text in enumerate(value):
        word = " ".join(text.lower().split()) if isinstance(text, str) else ""
        if not word or len(word) > _LONGEST:
            raise _bad(f"{pointer}/{at}", f"a text of 1 to {_LONGEST} characters is wanted")
        found.append(word)
    return tuple(sorted(set(found)))


def _states(pointer: str, value: object) -> frozenset[str]:
    codes = []
    for at, text in enumerate(value if isinstance(value, list) else [value]):
        code = state_code(text) if isinstance(text, str) else None
        if code is None:
            raise _bad(
                f"{pointer}/{at}",
                f"no state or territory of the USA; write a code such as {next(iter(STATES))}",
            )
        codes.append(code)
    return frozenset(codes)


_READERS: Final[Mapping[str, Callable[[str, object], Any]]] = {
    "role_accounts": _switch,
    "disposable_domains": _switch,
    "personal_domains": _switch,
    "other_workspaces": _switch,
    "states": _states,
    "unknown_state": _switch,
    "lines_of_business": lambda pointer, value: frozenset(_words(pointer, value)),
    "unknown_line_of_business": _switch,
    "blocked_words": _words,
}


def _bad(pointer: str, why: str) -> Rejected:
    return Rejected(
        f"The rules are wrong at #{pointer}: {why}.",
        code="bad_rules",
        remedy='Correct the file; "maverick filtering rules show" prints one that is right.',
    )
