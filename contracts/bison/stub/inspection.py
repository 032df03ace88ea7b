"""The inspection side over HTTP, under ``/_stub/``: for tests against a separate process.

It needs no token and passes the gate untouched: no fault, limit or count concerns it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import falcon

from contracts.bison.stub import answers
from contracts.bison.stub.faults import Fault
from contracts.bison.stub.refusals import Refusal
from contracts.bison.stub.requests import body_of

if TYPE_CHECKING:
    from contracts.bison.stub.bison import BisonStub

_Look = Callable[["BisonStub", dict[str, Any]], Any]
"""Answer a look into the stub, or a turn of its knobs, given path keys and JSON body together."""


def _state(stub: "BisonStub", _given: dict[str, Any]) -> Any:
    log = stub.requests
    return {
        "workspaces": [
            {
                "id": each.id,
                "name": each.name,
                "held": len(each.leads),
                "campaigns": {str(number): len(c.members) for number, c in each.campaigns.items()},
                "variables": list(each.variables),
            }
            for each in stub.store.workspaces()
        ],
        "requests": {
            "total": log.total,
            "by_route": {f"{method} {route}": n for (method, route), n in log.by_route.items()},
            "by_status": {str(status): n for status, n in log.by_status.items()},
        },
    }


def _recent(stub: "BisonStub", _given: dict[str, Any]) -> Any:
    return [entry._asdict() for entry in list(stub.requests.recent)]


def _held(stub: "BisonStub", given: dict[str, Any]) -> Any:
    return sorted(stub.held(given["name"]))


def _held_count(stub: "BisonStub", given: dict[str, Any]) -> Any:
    return stub.held_count(given["name"])


def _held_in_campaign(stub: "BisonStub", given: dict[str, Any]) -> Any:
    return sorted(stub.held_in_campaign(given["campaign"]))


def _add_workspace(stub: "BisonStub", given: dict[str, Any]) -> Any:
    name, token, variables = given["name"], given["token"], given.get("variables", ())
    return {"id": stub.add_workspace(name, token, id=given.get("id"), variables=variables).id}


def _replace_token(stub: "BisonStub", given: dict[str, Any]) -> Any:
    return stub.replace_token(given["name"], given["token"])


def _set_campaign_status(stub: "BisonStub", given: dict[str, Any]) -> Any:
    return stub.set_campaign_status(given["campaign"], given["status"])


def _set_lead_status(stub: "BisonStub", given: dict[str, Any]) -> Any:
    return stub.set_lead_status(given["name"], given["email"], given["status"])


def _faults(stub: "BisonStub", _given: dict[str, Any]) -> Any:
    return [
        {"number": number, "fault": fault.as_json(), "met": met}
        for number, fault, met in stub.faults()
    ]


def _script(stub: "BisonStub", given: dict[str, Any]) -> Any:
    return {"number": stub.script(Fault.from_json(given))}


_ROUTES: dict[str, dict[str, _Look]] = {
    "/_stub/state": {"GET": _state},
    "/_stub/requests": {"GET": _recent},
    "/_stub/pushes": {"GET": lambda stub, _: stub.pushes},
    "/_stub/workspaces": {"POST": _add_workspace},
    "/_stub/workspaces/{name}/held": {"GET": _held},
    "/_stub/workspaces/{name}/held/count": {"GET": _held_count},
    "/_stub/workspaces/{name}/token": {"POST": _replace_token},
    "/_stub/workspaces/{name}/lead-status": {"POST": _set_lead_status},
    "/_stub/campaigns/sync": {"POST": lambda stub, _: stub.sync_campaigns()},
    "/_stub/campaigns/{campaign:int}/held": {"GET": _held_in_campaign},
    "/_stub/campaigns/{campaign:int}/status": {"POST": _set_campaign_status},
    "/_stub/faults": {
        "GET": _faults,
        "POST": _script,
        "DELETE": lambda stub, _: stub.clear_faults(),
    },
    "/_stub/faults/{number:int}": {"DELETE": lambda stub, given: stub.lift(given["number"])},
    "/_stub/late": {"POST": lambda stub, _: stub.deliver_late()},
    "/_stub/reset": {"POST": lambda stub, _: stub.reset()},
}


class _Resource:
    """One path of the inspection side; answers ``{"data": …}`` like the API itself."""

    def __init__(self, stub: "BisonStub", looks: dict[str, _Look]) -> None:
        self._stub = stub
        self._looks = looks

    def on_get(self, request: falcon.Request, response: falcon.Response, **keys: Any) -> None:
        look = self._looks.get(request.method)
        if look is None:
            raise falcon.HTTPMethodNotAllowed(list(self._looks))

        try:
            found = look(self._stub, {**body_of(request), **keys})
        except (KeyError, ValueError) as wrong:
            raise Refusal(400, {"message": f"{type(wrong).__name__}: {wrong}"}) from wrong
        response.data = answers.dump({"data": found})

    on_post = on_get
    on_delete = on_get


def add_routes(app: falcon.App[Any, Any], stub: "BisonStub") -> None:
    """Open the inspection side; serve it on the loopback interface only."""
    for template, looks in _ROUTES.items():
        app.add_route(template, _Resource(stub, looks))
