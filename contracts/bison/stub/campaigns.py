"""The campaign routes: list, create, show, the leads of one, attach leads to one."""

import falcon

from contracts.bison.stub import answers, refusals
from contracts.bison.stub.leads import search
from contracts.bison.stub.paging import page
from contracts.bison.stub.records import RUNNING, Campaign, Lead, Workspace
from contracts.bison.stub.requests import body_of, note_chunk, unattachable_of, workspace_of
from contracts.bison.stub.state import Store

_ENDED = frozenset({"bounced", "unsubscribed"})


class Campaigns:
    """``/api/campaigns``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """List the workspace's campaigns, filtered by ``search`` and ``status``."""
        store, term = self._store, (request.get_param("search") or "").lower()
        status = (request.get_param("status") or "").lower()
        with store.lock:
            found = [
                campaign
                for campaign in workspace_of(request).campaigns.values()
                if term in campaign.name.lower() and status in ("", campaign.status)
            ]
            shown = page(
                request,
                found,
                lambda campaign: answers.campaign(campaign, store.switches),
                store.switches,
            )
        response.data = answers.dump(shown)

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        """Create a draft; limits sent along are discarded, names need not be unique."""
        store, body = self._store, body_of(request)
        name, kind = body.get("name"), body.get("type", "outbound")
        if not isinstance(name, str) or not name:
            raise refusals.validation({"name": ["The name field is required."]})
        if kind not in ("outbound", "reply_followup"):
            raise refusals.validation({"type": ["The selected type is invalid."]})

        with store.lock:
            campaign = store.add_campaign(workspace_of(request), name, kind, "draft")
            shown = answers.campaign(campaign, store.switches)
        response.status = falcon.code_to_http_status(store.switches.create_status)
        response.data = answers.dump({"data": shown})


class OneCampaign:
    """``/api/campaigns/{key}``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def on_get(self, request: falcon.Request, response: falcon.Response, key: str) -> None:
        """Show one campaign."""
        store = self._store
        with store.lock:
            campaign = store.campaign(workspace_of(request), key)
            shown = answers.campaign(campaign, store.switches)
        response.data = answers.dump({"data": shown})


class CampaignLeads:
    """``/api/campaigns/{key}/leads``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def on_get(self, request: falcon.Request, response: falcon.Response, key: str) -> None:
        """List a campaign's leads: how a client verifies what an attach added."""
        store = self._store
        with store.lock:
            campaign = store.campaign(workspace_of(request), key)
            found = search(list(campaign.members.values()), request, store)
            shown = page(request, found, answers.lead_shape(store.switches), store.switches)
        response.data = answers.dump(shown)


class AttachLeads:
    """``/api/campaigns/{key}/leads/attach-leads``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def on_post(self, request: falcon.Request, response: falcon.Response, key: str) -> None:
        """Add leads by id; the answer carries no counts, members already are left alone."""
        store, workspace, body = self._store, workspace_of(request), body_of(request)
        ids = _ids(body.get("lead_ids"))
        note_chunk(request, ids[0], len(ids))
        parallel = body.get("allow_parallel_sending") is True

        with store.lock:
            campaign = store.campaign(workspace, key)
            leads = [_lead(store, workspace, index, number) for index, number in enumerate(ids)]
            new = {lead.id: lead for lead in leads if lead.id not in campaign.members}
            elsewhere = unattachable_of(request)
            free = [
                lead
                for lead in new.values()
                if lead.email.lower() not in elsewhere
                and attachable(lead, workspace, parallel=parallel)
            ]
            _refuse_if_due(store, campaign, new, free)
            join(store, campaign, free)

        message = f"Leads successfully added to {campaign.name}. Existing leads were not added."
        response.data = answers.dump({"data": {"success": True, "message": message}})


def attachable(lead: Lead, workspace: Workspace, *, parallel: bool) -> bool:
    """Say whether a lead may join one more campaign.

    A lead is in one running sequence at a time unless ``parallel``; that a sequence counts while
    its campaign is launching, queued or active is inferred.
    """
    if lead.status in _ENDED or _ENDED & set(lead.memberships.values()):
        return False
    return parallel or not any(
        status in ("in_sequence", "never_contacted")
        and workspace.campaigns[other].status in RUNNING
        for other, status in lead.memberships.items()
    )


def join(store: Store, campaign: Campaign, leads: list[Lead]) -> None:
    """Make the leads members; an active campaign's total may lag until the next sync."""
    running = campaign.status in RUNNING
    for lead in leads:
        campaign.members[lead.id] = lead
        lead.join(campaign.id, "in_sequence" if running else "never_contacted")
    if running and store.switches.active_total == "lags":
        campaign.unsynced += len(leads)


def _refuse_if_due(
    store: Store,
    campaign: Campaign,
    new: dict[int, Lead],
    free: list[Lead],
) -> None:
    if new and not free:
        raise refusals.business(422, refusals.NONE_ADDED)
    if len(free) < len(new) and store.switches.mixed_attach == "refuse":
        raise refusals.business(422, refusals.NONE_ADDED)
    if len(campaign.members) + len(free) > store.switches.campaign_leads:
        limit = store.switches.campaign_leads
        raise refusals.business(422, f"A campaign cannot have more than {limit} leads.")


def _ids(given: object) -> list[int]:
    if not given:
        raise refusals.validation({"lead_ids": ["The lead ids field is required."]})
    if not isinstance(given, list):
        raise refusals.validation({"lead_ids": ["The lead ids field must be an array."]})

    wrong = {
        f"lead_ids.{index}": [f"The lead_ids.{index} field must be an integer."]
        for index, number in enumerate(given)
        if type(number) is not int
    }
    if wrong:
        raise refusals.validation(wrong)
    return given


def _lead(store: Store, workspace: Workspace, index: int, number: int) -> Lead:
    """Find a lead to attach; that an unknown id is a validation error is inferred."""
    try:
        return workspace.leads_by_id.get(number) or store.lead(workspace, str(number))
    except refusals.Refusal as refused:
        if refused.status == 403:
            raise
        path = f"lead_ids.{index}"
        raise refusals.validation({path: [f"The selected {path} is invalid."]}) from refused
