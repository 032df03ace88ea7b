"""The slice of Email Bison's API that we rely on, as data in our own words.

One row a call: what it needs, what it answers, which refusals it knows. The stub is checked
against it; so is, row by row, whatever else claims to speak this API.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LEAD = {
    "id": int,
    "uuid": str,
    "first_name": str,
    "last_name": (str, type(None)),
    "email": str,
    "title": (str, type(None)),
    "company": (str, type(None)),
    "notes": (str, type(None)),
    "status": str,
    "custom_variables": list,
    "lead_campaign_data": list,
    "overall_stats": dict,
    "tags": list,
    "created_at": str,
    "updated_at": str,
}
CAMPAIGN = {
    "id": int,
    "uuid": str,
    "name": str,
    "type": str,
    "status": str,
    "total_leads": int,
    "total_leads_contacted": int,
    "emails_sent": int,
    "opened": int,
    "unique_opens": int,
    "replied": int,
    "unique_replies": int,
    "bounced": int,
    "unsubscribed": int,
    "interested": int,
    "plain_text": bool,
    "open_tracking": bool,
    "can_unsubscribe": bool,
    "unsubscribe_text": (str, type(None)),
    "max_emails_per_day": int,
    "max_new_leads_per_day": int,
    "tags": list,
    "created_at": str,
    "updated_at": str,
}
VARIABLE = {"id": int, "name": str, "created_at": str, "updated_at": str}
USER = {"id": int, "name": str, "email": str, "workspace": dict}
DONE = {"success": bool, "message": str}

Shape = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API; ``{lead}`` and ``{campaign}`` in a path stand for ids that exist."""

    method: str
    path: str
    status: int
    shape: Shape
    """The fields of the record, or of each record, under ``data``."""

    many: bool = False
    """Whether ``data`` is a list."""

    paged: bool = False
    """Whether the list comes in pages of 15 with ``links`` and ``meta``."""

    body: Mapping[str, Any] = field(default_factory=dict)
    """A body that is taken."""

    required: tuple[str, ...] = ()
    """Keys of the body without which the call is refused with 422, dotted as in its errors."""


ANN = {"first_name": "Ann", "last_name": "Oak", "email": "ann@agency.example"}

CALLS = (
    Call("GET", "/api/users", 200, USER),
    Call("GET", "/api/custom-variables", 200, VARIABLE, many=True, paged=True),
    Call(
        "POST",
        "/api/custom-variables",
        201,
        VARIABLE,
        body={"name": "renewal"},
        required=("name",),
    ),
    Call("GET", "/api/leads", 200, LEAD, many=True, paged=True),
    Call("GET", "/api/leads/{lead}", 200, LEAD),
    Call("GET", "/api/leads/seed@agency.example", 200, LEAD),
    Call("POST", "/api/leads", 201, LEAD, body=ANN, required=("first_name", "email")),
    Call(
        "POST",
        "/api/leads/multiple",
        201,
        LEAD,
        many=True,
        body={"leads": [ANN]},
        required=("leads", "leads.0.first_name", "leads.0.email"),
    ),
    Call(
        "POST",
        "/api/leads/create-or-update/multiple",
        201,
        LEAD,
        many=True,
        body={"existing_lead_behavior": "patch", "leads": [ANN]},
        required=("leads", "leads.0.first_name", "leads.0.email"),
    ),
    Call("GET", "/api/campaigns", 200, CAMPAIGN, many=True, paged=True),
    Call("POST", "/api/campaigns", 201, CAMPAIGN, body={"name": "Autumn"}, required=("name",)),
    Call("GET", "/api/campaigns/{campaign}", 200, CAMPAIGN),
    Call("GET", "/api/campaigns/{campaign}/leads", 200, LEAD, many=True, paged=True),
    Call(
        "POST",
        "/api/campaigns/{campaign}/leads/attach-leads",
        200,
        DONE,
        body={"lead_ids": ["{lead}"]},
        required=("lead_ids",),
    ),
)

ABSENT = ("/api/me", "/api/user", "/api/account", "/api/whoami", "/api/webhooks")
"""Paths that clients guess and that answer 404."""

NOT_ALLOWED = (
    ("POST", "/api/campaigns/{campaign}/leads"),
    ("PATCH", "/api/campaigns/{campaign}"),
    ("DELETE", "/api/custom-variables"),
)
"""Methods that clients guess and that answer 405."""
