"""The lead routes: create, create many, create or update many, list, show."""

from collections.abc import Iterable, Mapping
from typing import Any

import falcon

from contracts.bison.stub import answers, lead_rows, refusals
from contracts.bison.stub.lead_rows import Row
from contracts.bison.stub.paging import page
from contracts.bison.stub.records import Lead, Workspace
from contracts.bison.stub.requests import (
    NOBODY,
    body_of,
    note_chunk,
    refused_of,
    skipped_of,
    workspace_of,
)
from contracts.bison.stub.state import Store


class Leads:
    """``/api/leads``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """List the workspace's leads; ``search`` filters, ``email`` is ignored."""
        store = self._store
        with store.lock:
            found = search(list(workspace_of(request).leads.values()), request, store)
            shown = page(request, found, answers.lead_shape(store.switches), store.switches)
        response.data = answers.dump(shown)

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        """Create one lead; an address the workspace has already is refused."""
        store, given = self._store, body_of(request)
        note_chunk(request, given.get("email"), 1)
        row = lead_rows.single_row(given, store.switches, refused_of(request, store))

        workspace = workspace_of(request)
        with store.lock:
            _require_variables(store, workspace, [row])
            if row["email"].lower() in workspace.leads:
                raise refusals.taken("email", store.switches.taken_wrapper)
            lead = _apply(store, workspace, {row["email"].lower(): row}, patch=False)[0]
            shown = answers.lead_shape(store.switches)(lead)

        response.status = falcon.HTTP_201
        response.data = answers.dump({"data": shown})


class ManyLeads:
    """``/api/leads/multiple``: create only, all or none."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        """Create up to 500 leads; one address the workspace has already refuses them all."""
        store, workspace = self._store, workspace_of(request)
        rows = _sound(request, store, body_of(request))
        with store.lock:
            _require_variables(store, workspace, rows.values())
            for index, email in enumerate(rows):
                if email in workspace.leads:
                    raise refusals.taken(f"leads.{index}.email", store.switches.taken_wrapper)
            shown = _taken_in(request, store, workspace, rows, patch=False)

        response.status = falcon.HTTP_201
        response.data = answers.dump({"data": shown})


class Upsert:
    """``/api/leads/create-or-update/multiple``: the route that may be sent again."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        """Create or update up to 500 leads; ``put``, the default, wipes what a row omits."""
        store, workspace, body = self._store, workspace_of(request), body_of(request)
        behavior = body.get("existing_lead_behavior", "put")
        rows = _sound(request, store, body)
        if behavior not in ("put", "patch"):
            message = "The selected existing lead behavior is invalid."
            raise refusals.validation({"existing_lead_behavior": [message]})

        with store.lock:
            _require_variables(store, workspace, rows.values())
            shown = _taken_in(request, store, workspace, rows, patch=behavior == "patch")

        response.status = falcon.HTTP_201
        response.data = answers.dump({"data": shown})


class OneLead:
    """``/api/leads/{key}``: the key is an id or an e-mail address."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def on_get(self, request: falcon.Request, response: falcon.Response, key: str) -> None:
        """Show one lead: the only exact question about an address."""
        store = self._store
        with store.lock:
            lead = store.lead(workspace_of(request), key)
            shown = answers.lead_shape(store.switches)(lead)
        response.data = answers.dump({"data": shown})


def search(leads: list[Lead], request: falcon.Request, store: Store) -> list[Lead]:
    """Filter a list of leads by the parameters that work live: ``search`` and bracket filters."""
    status = request.get_param("filters[lead_campaign_status]")
    if status:
        leads = [lead for lead in leads if status in lead.memberships.values()]

    term = (request.get_param("search") or "").lower()
    if not term:
        return leads
    found = [lead for lead in leads if _mentions(lead, term)]
    if found or "@" not in term or store.switches.search_miss == "nothing":
        return found
    return leads


def _mentions(lead: Lead, term: str) -> bool:
    texts = (lead.email, lead.first_name, lead.last_name, lead.company)
    return any(text and term in text.lower() for text in texts)


def _sound(request: falcon.Request, store: Store, body: Mapping[str, Any]) -> dict[str, Row]:
    rows = lead_rows.chunk(body, store.switches)
    first = rows[0].get("email") if isinstance(rows[0], dict) else None
    note_chunk(request, first, len(rows))
    return lead_rows.sound_rows(rows, store.switches, refused_of(request, store))


def _require_variables(store: Store, workspace: Workspace, rows: Iterable[Row]) -> None:
    lead_rows.require_variables(rows, workspace, store.switches.missing_variable_status)


def _taken_in(
    request: falcon.Request,
    store: Store,
    workspace: Workspace,
    rows: Mapping[str, Row],
    *,
    patch: bool,
) -> list[answers.Record]:
    """Apply the rows but those to leave out in silence, and show the leads."""
    switches, skipped = store.switches, skipped_of(request)
    personal = switches.personal_domain_list if switches.personal_domains == "skip" else NOBODY
    if skipped or not personal.isdisjoint(email.rpartition("@")[2] for email in rows):
        rows = {
            email: row
            for email, row in rows.items()
            if email not in skipped and email.rpartition("@")[2] not in personal
        }

    shape = answers.lead_shape(switches)
    return [shape(lead) for lead in _apply(store, workspace, rows, patch=patch)]


def _apply(
    store: Store,
    workspace: Workspace,
    rows: Mapping[str, Row],
    *,
    patch: bool,
) -> list[Lead]:
    """Write the rows into the workspace; the caller holds the lock and has checked them."""
    leads, by_id, stamp = workspace.leads, workspace.leads_by_id, store.stamp
    written: list[Lead] = []

    for email, row in rows.items():
        lead = leads.get(email)
        if lead is None:
            spelt = row["email"]
            lead = Lead(store.next_lead_id(), email if email == spelt else spelt, stamp)
            leads[email] = by_id[lead.id] = lead
            lead.replace(row, stamp)
        elif patch:
            lead.patch(row, stamp)
        else:
            lead.replace(row, stamp)
        written.append(lead)

    if store.count_pushes:
        for lead in written:
            lead.pushes += 1
    return written
