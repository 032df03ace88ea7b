"""The shapes on the wire, and nothing of them that is not needed.

An answer to 500 leads is some 340 kB, of which two fields a lead matter. Typed decoding skips the
rest without making an object of it, which is several times as fast as reading everything, and it
refuses by itself whatever is not of the expected shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final, TypeVar

import msgspec
from msgspec import Meta, Struct

from maverick_core.pipeline.lead import Lead

Id = Annotated[int, Meta(ge=1, le=2**63 - 1)]
"""Numbers that a database's bigint holds."""


class NotUnderstood(Exception):
    """The answer is cut short, not JSON, or not of the shape it should have."""


# What is sent. Empty fields are left out: under patch an omitted field is kept, and an empty list
# of custom variables would clear those that the lead has.


class VariableRow(Struct, gc=False):
    """A custom variable of a lead; names are stored in lower case and must be sent so."""

    name: str
    value: str


class LeadRow(Struct, gc=False, omit_defaults=True):
    """The seven keys that the API takes; any other would be dropped in silence."""

    email: str
    first_name: str = ""
    last_name: str | None = None
    title: str | None = None
    company: str | None = None
    notes: str | None = None
    custom_variables: list[VariableRow] | None = None


class LeadsBody(Struct, omit_defaults=True):
    """Up to 500 leads. Without a behaviour an upsert wipes what a row leaves out (``put``)."""

    leads: list[LeadRow]
    existing_lead_behavior: str | None = None


class AttachBody(Struct):
    """The leads to put into a campaign."""

    lead_ids: list[int]


class NameBody(Struct):
    """The custom variable to make."""

    name: str


_ENCODER: Final = msgspec.json.Encoder()
_VARIABLES: Final = msgspec.json.Decoder(dict[str, str])


def encode(body: Struct) -> bytes:
    """Return the JSON of ``body``."""
    return _ENCODER.encode(body)


def lead_rows(leads: Sequence[Lead]) -> tuple[list[LeadRow], set[str]]:
    """Return the leads as they are sent, and the names of all custom variables they refer to."""
    names: set[str] = set()
    rows: list[LeadRow] = []
    for _, email, first_name, last_name, title, company, notes, stored in leads:
        variables = _variables(stored, names) if stored else None
        rows.append(
            LeadRow(
                email,
                first_name,
                last_name or None,
                title or None,
                company or None,
                notes or None,
                variables,
            )
        )
    return rows, names


def _variables(stored: str, names: set[str]) -> list[VariableRow] | None:
    given = {
        name.lower(): value for name, value in _VARIABLES.decode(stored).items() if name and value
    }
    names.update(given)
    return [VariableRow(name, value) for name, value in given.items()] or None


# What comes back.


class TakenLead(Struct, gc=False):
    """A lead as an upsert answers with it."""

    id: Id
    email: str


class Membership(Struct, gc=False):
    """A campaign that a lead is in."""

    campaign_id: int


class PlacedLead(Struct, gc=False):
    """A lead with its campaigns: a list live, an object or an empty list in the specification."""

    email: str
    lead_campaign_data: list[Membership] | Membership | None = None

    def is_in(self, campaign_id: int) -> bool:
        """Say whether the lead is shown in the campaign."""
        shown = self.lead_campaign_data
        places = [shown] if isinstance(shown, Membership) else shown or ()
        return any(place.campaign_id == campaign_id for place in places)


class TakenLeads(Struct):
    """The answer to a push."""

    data: list[TakenLead]


class PlacedLeads(Struct):
    """The same answer, read for the campaigns."""

    data: list[PlacedLead]


class VariableName(Struct):
    """A custom variable that the workspace has."""

    name: str


class PageNumber(Struct):
    """Which page of how many; absent where a list is not paged."""

    last_page: int = 1


class VariablePage(Struct):
    """Fifteen custom variables of the workspace."""

    data: list[VariableName]
    meta: PageNumber = msgspec.field(default_factory=PageNumber)


class BisonWorkspace(Struct):
    """The workspace that a token belongs to."""

    id: Id
    name: str = ""


class User(Struct):
    """The answer to "who am I?": ``workspace`` live, ``team`` in the specification."""

    workspace: BisonWorkspace | None = None
    team: BisonWorkspace | None = None


class UserAnswer(Struct):
    """Its envelope."""

    data: User


_Shape = TypeVar("_Shape", TakenLeads, PlacedLeads, VariablePage, UserAnswer)
_DECODERS: Final[dict[type[Struct], msgspec.json.Decoder[Any]]] = {
    shape: msgspec.json.Decoder(shape)
    for shape in (TakenLeads, PlacedLeads, VariablePage, UserAnswer)
}


def decode(shape: type[_Shape], body: bytes) -> _Shape:
    """Read ``body`` as ``shape``.

    Raises:
        NotUnderstood: it is something else. The cause is dropped, it might quote the answer.

    """
    try:
        decoded: _Shape = _DECODERS[shape].decode(body)
    except (msgspec.DecodeError, RecursionError, ValueError):
        raise NotUnderstood from None
    return decoded
