"""The JSON shapes of the API's records, as large as the live ones."""

from collections.abc import Callable
from typing import Any

import orjson

from contracts.bison.stub.records import Campaign, Lead, Variable, Workspace
from contracts.bison.stub.switches import Switches

Record = dict[str, Any]

# Constant parts of every lead are rendered once: at 500 leads an answer they would be half of
# the work. The tag is the one the API adds by the recipient's mail provider.
_NO_STATS = orjson.Fragment(
    b'{"emails_sent":0,"opens":0,"replies":0,"unique_replies":0,"unique_opens":0}',
)
_PROVIDER_TAG = orjson.Fragment(b'[{"id":4,"name":"Google","default":true}]')
_EMPTY = orjson.Fragment(b"[]")


def dump(body: Any) -> bytes:
    """Render an answer."""
    return orjson.dumps(body)


def lead(of: Lead) -> Record:
    """Show a lead whole, as every lead route of the live API does."""
    return {
        "id": of.id,
        "uuid": f"9f0c51d2-7b1e-4d3a-8a44-{of.id:012x}",
        "first_name": of.first_name,
        "last_name": of.last_name,
        "email": of.email,
        "title": of.title,
        "company": of.company,
        "notes": of.notes,
        "status": of.status,
        "custom_variables": orjson.Fragment(of.variables),
        "lead_campaign_data": [_membership(c, s) for c, s in of.memberships.items()]
        if of.memberships
        else _EMPTY,
        "overall_stats": _NO_STATS,
        "tags": _PROVIDER_TAG,
        "created_at": of.created_at,
        "updated_at": of.updated_at,
    }


def slim_lead(of: Lead) -> Record:
    """Show as little of a lead as a client can settle its upload with."""
    return {"id": of.id, "email": of.email, "status": of.status}


def lead_shape(switches: Switches) -> Callable[[Lead], Record]:
    """Choose how leads are shown."""
    return lead if switches.answers == "live" else slim_lead


def _membership(campaign_id: int, status: str) -> Record:
    return {
        "campaign_id": campaign_id,
        "status": status,
        "emails_sent": 0,
        "replies": 0,
        "opens": 0,
        "interested": False,
    }


def campaign(of: Campaign, switches: Switches) -> Record:
    """Show a campaign; the limits are the defaults the API gives every new one."""
    status = of.status if switches.status_case == "lower" else of.status.capitalize()
    counters = dict.fromkeys(
        (
            "emails_sent",
            "opened",
            "unique_opens",
            "replied",
            "unique_replies",
            "bounced",
            "unsubscribed",
            "interested",
            "total_leads_contacted",
        ),
        0,
    )
    return {
        "id": of.id,
        "uuid": f"9f0c51d3-2c5d-4b7e-9c10-{of.id:012x}",
        "name": of.name,
        "type": of.kind,
        "status": status,
        "completion_percentage": 0,
        **counters,
        "total_leads": len(of.members) - of.unsynced,
        "max_emails_per_day": 1000,
        "max_new_leads_per_day": 1000,
        "plain_text": False,
        "open_tracking": False,
        "can_unsubscribe": False,
        "unsubscribe_text": None,
        "tags": [],
        "created_at": of.created_at,
        "updated_at": of.created_at,
    }


def variable(of: Variable) -> Record:
    """Show a custom variable."""
    return {
        "id": of.id,
        "name": of.name,
        "created_at": of.created_at,
        "updated_at": of.created_at,
    }


def user(of: Workspace, switches: Switches, stamp: str) -> Record:
    """Show the token's owner: the only way a client learns which workspace a token is for."""
    return {
        "id": of.id,
        "name": f"{of.name} API",
        "email": f"api-{of.id}@bison.example",
        switches.users_workspace_key: {
            "id": of.id,
            "name": of.name,
            "personal_team": False,
            "main": False,
            "parent_id": 1,
            "sender_email_limit": 100_000,
            "warmup_limit": 100_000,
            "created_at": stamp,
            "updated_at": stamp,
        },
        "profile_photo_path": None,
        "profile_photo_url": None,
        "created_at": stamp,
        "updated_at": stamp,
    }


def plain(of: Lead) -> Record:
    """Show a lead whole, as plain data."""
    shown: Record = orjson.loads(orjson.dumps(lead(of)))
    return shown
