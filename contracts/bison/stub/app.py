"""The Falcon application: the routes, who may use them, and how refusals are answered."""

from typing import Any

import falcon

from contracts.bison.stub import account, answers, campaigns, leads, refusals, requests
from contracts.bison.stub.refusals import Refusal
from contracts.bison.stub.state import Store


def build(store: Store) -> falcon.App[falcon.Request, falcon.Response]:
    """Put the slice of the API together."""
    app = falcon.App(middleware=[Authentication(store)])
    app.add_error_handler(Refusal, _refused)
    app.add_error_handler(falcon.HTTPNotFound, _no_route)
    app.add_error_handler(falcon.HTTPMethodNotAllowed, _no_method)

    for template, resource in (
        ("/api/users", account.Users(store)),
        ("/api/custom-variables", account.CustomVariables(store)),
        ("/api/leads", leads.Leads(store)),
        ("/api/leads/multiple", leads.ManyLeads(store)),
        ("/api/leads/create-or-update/multiple", leads.Upsert(store)),
        ("/api/leads/{key}", leads.OneLead(store)),
        ("/api/campaigns", campaigns.Campaigns(store)),
        ("/api/campaigns/{key}", campaigns.OneCampaign(store)),
        ("/api/campaigns/{key}/leads", campaigns.CampaignLeads(store)),
        ("/api/campaigns/{key}/leads/attach-leads", campaigns.AttachLeads(store)),
    ):
        app.add_route(template, resource)
    return app


class Authentication:
    """Every API route belongs to the workspace of its token, and to no other."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def process_resource(
        self,
        request: falcon.Request,
        _response: falcon.Response,
        _resource: object,
        _params: dict[str, Any],
    ) -> None:
        """Find the workspace of the request's token."""
        if request.path.startswith("/api/"):
            workspace = self._store.authenticate(request.auth)
            request.env[requests.WORKSPACE] = workspace


def _refused(
    _request: falcon.Request,
    response: falcon.Response,
    refusal: Refusal,
    _params: dict[str, Any],
) -> None:
    response.status = falcon.code_to_http_status(refusal.status)
    response.data = answers.dump(refusal.body)


def _no_route(
    request: falcon.Request,
    response: falcon.Response,
    _error: falcon.HTTPNotFound,
    params: dict[str, Any],
) -> None:
    _refused(request, response, refusals.no_route(request.path), params)


def _no_method(
    request: falcon.Request,
    response: falcon.Response,
    error: falcon.HTTPMethodNotAllowed,
    params: dict[str, Any],
) -> None:
    allowed = error.headers["Allow"] if isinstance(error.headers, dict) else ""
    supported = allowed.replace(", OPTIONS", "").replace("GET", "GET, HEAD")
    response.set_header("allow", supported)
    refusal = refusals.no_method(request.method, request.path, supported)
    _refused(request, response, refusal, params)
