"""The states and territories of the USA, by every name that lists give them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_NAMES: Final = """
AL Alabama, Ala | AK Alaska, Alas | AZ Arizona, Ariz | AR Arkansas, Ark
CA California, Calif, Cal, Cali | CO Colorado, Colo, Col | CT Connecticut, Conn
DE Delaware, Del | DC District of Columbia, Washington DC, Washington D C, Wash DC, Dist of Columbia
FL Florida, Fla, Flor | GA Georgia, Geo | HI Hawaii, Hawai'i, Haw | ID Idaho, Ida
IL Illinois, Ill, Ills | IN Indiana, Ind | IA Iowa | KS Kansas, Kan, Kans
KY Kentucky | LA Louisiana | ME Maine | MD Maryland
MA Massachusetts, Mass | MI Michigan, Mich | MN Minnesota, Minn | MS Mississippi, Miss
MO Missouri, Mo | MT Montana, Mont | NE Nebraska, Neb, Nebr | NV Nevada, Nev
NH New Hampshire, N Hamp | NJ New Jersey, N Jersey | NM New Mexico, N Mex, N Mexico, New Mex
NY New York, N York, New York State | NC North Carolina, N Car, No Carolina, N Carolina, N Caro
ND North Dakota, N Dak, No Dakota, N Dakota | OH Ohio | OK Oklahoma, Okla
OR Oregon, Ore, Oreg | PA Pennsylvania, Penn, Penna | RI Rhode Island, R Isl, R Island
SC South Carolina, S Car, So Carolina, S Carolina, S Caro
SD South Dakota, S Dak, So Dakota, S Dakota | TN Tennessee, Tenn | TX Texas, Tex | UT Utah
VT Vermont, Verm | VA Virginia, Virg | WA Washington, Wash, Washington State
WV West Virginia, W Va, W Virg, W Virginia | WI Wisconsin, Wis, Wisc | WY Wyoming, Wyo
AS American Samoa | GU Guam
MP Northern Mariana Islands, Northern Marianas, CNMI | PR Puerto Rico, P Rico
VI Virgin Islands, US Virgin Islands, U S Virgin Islands, USVI
"""

_ENTRIES: Final = [line.strip().partition(" ") for line in re.split(r"[|\n]", _NAMES.strip())]

STATES: Final[Mapping[str, str]] = MappingProxyType(
    {code: names.partition(",")[0] for code, _, names in _ENTRIES}
)
"""Postal code to name: the fifty states, the District of Columbia and the inhabited territories."""

_LONGEST: Final = 60  # characters; no name with its country is longer
_NOT_IN_NAME = re.compile(r"[^a-z]+")
_COUNTRY = re.compile(r"^usa?-|,? u\.?s\.?a?\.?$", re.ASCII)


def _plain(text: str) -> str:
    return _NOT_IN_NAME.sub("", text.lower())


_CODES: Final[Mapping[str, str]] = MappingProxyType(
    {_plain(name): code for code, _, names in _ENTRIES for name in (code, *names.split(","))}
)


def state_code(text: str) -> str | None:
    """Return the postal code of the state that ``text`` names, None where it names none.

    Case, points, spaces and the country around it do not matter: ``Tex``, ``D.C.``, ``US-NY``.
    """
    code = text.strip().upper()
    if code in STATES:
        return code
    if len(text) > _LONGEST:
        return None
    return _CODES.get(_plain(text)) or _CODES.get(_plain(_COUNTRY.sub("", text.strip().lower())))
