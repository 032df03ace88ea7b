"""People's names, as far as that is settled without knowing all the ways names are written.

What is plain (two words, a comma) is split here; the rest is for a ``Cleaner``. No parser of names
doubts that it was given one, so what is a company's or two people's is told apart before.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple


class PersonName(NamedTuple):
    """A person's first name and the rest of it; either may be empty."""

    first: str
    last: str


# Words that are hardly ever anybody's name: "Banks", "Church" and "Farmer" are people too.
_COMPANY_WORDS: Final = """
adjusters admin advisors advisory affiliates agencies agency agents alliance assoc associates
association assurance auto benefits brokerage brokers bureau care center centre claims clinic co
company compliance consultants consulting contractors corp corporate corporation coverage department
dept enterprises estate exchange financial firm foundation fund general global group holdings home
inc incorporated indemnity industries info inquiries institute insurance insurers international
investments legal limited llc llp lp ltd management marketing mortgage mutual national network
office offices owner partners partnership pllc properties realty reception reinsurance risk sales
services society solutions staff support surety systems team technologies the trust underwriters
unknown wealth wholesale www
"""
COMPANY_WORDS: Final = frozenset(_COMPANY_WORDS.split())

_WORD = re.compile(r"[^\W\d_]+")
_PLAIN = re.compile("([A-Za-z][A-Za-z'\u2019-]+)(,?) ([A-Za-z][A-Za-z'\u2019-]+)")
_COUPLE = re.compile(r"\s*(?:&|\+|/|\band\b|\bund\b|\by\b)\s*", re.IGNORECASE)
_TITLE_WORDS: Final = "mr mrs ms miss mx dr prof rev hon sir capt col sgt lt fr st jr sr"
_TITLES: Final = frozenset(_TITLE_WORDS.split())


def is_company(name: str) -> bool:
    """Say whether a word of ``name`` is one that companies and offices are called by."""
    return not COMPANY_WORDS.isdisjoint(_WORD.findall(name.lower()))


def first_of_couple(name: str) -> str:
    """Return the first of two people: ``John Smith`` of ``John & Jane Smith``."""
    first, *others = _COUPLE.split(name, maxsplit=1)
    if not first or not others or not others[0]:
        return name
    shared = others[0].split()[-1]
    return first if " " in first or "," in first else f"{first} {shared}"


def split_plain(name: str) -> PersonName | None:
    """Split two plain words, with a comma between them the family name first.

    None where there is more to it, or where one of them is a title.
    """
    words = _PLAIN.fullmatch(name)
    if not words or not _TITLES.isdisjoint((words[1].lower(), words[3].lower())):
        return None
    return PersonName(words[3], words[1]) if words[2] else PersonName(words[1], words[3])


def recased(name: str) -> str:
    """Return ``name`` as it is written, where somebody had the shift key stuck or none.

    Mixed case is left alone, and so are two capitals, which are initials.
    """
    if not (name.isupper() or name.islower()) or (len(name) < _INITIALS and name.isupper()):
        return name
    return _WORD.sub(_capitalised, name)


_INITIALS: Final = 3  # letters from which on capitals are no initials any more
_MAC: Final = 4  # letters that "McX" has at least


def _capitalised(match: re.Match[str]) -> str:
    word = match[0].lower()
    if match.start() and match.string[match.start() - 1] in "'\u2019" and len(word) == 1:
        return word  # a possessive, not O'Neil
    if word.startswith("mc") and len(word) >= _MAC:
        return "Mc" + word[2:].capitalize()
    return word.capitalize()
