"""The routes about a workspace itself: whose token this is, and its custom variables."""

import falcon

from contracts.bison.stub import answers, refusals
from contracts.bison.stub.paging import page
from contracts.bison.stub.requests import body_of, workspace_of
from contracts.bison.stub.state import Store


class Users:
    """``/api/users``: the only "who am I" of the API."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """Show the token's owner and workspace."""
        store = self._store
        shown = answers.user(workspace_of(request), store.switches, store.stamp)
        response.data = answers.dump({"data": shown})


class CustomVariables:
    """``/api/custom-variables``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """List the workspace's custom variables."""
        store = self._store
        with store.lock:
            variables = workspace_of(request).variables.values()
            shown = page(request, variables, answers.variable, store.switches)
        response.data = answers.dump(shown)

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        """Create a custom variable under its lower-cased name."""
        store, workspace = self._store, workspace_of(request)
        name = body_of(request).get("name")
        if not isinstance(name, str) or not name:
            raise refusals.validation({"name": ["The name field is required."]})

        with store.lock:
            if name.lower() in workspace.variables:
                raise refusals.taken("name", store.switches.taken_wrapper)
            variable = store.add_variable(workspace, name)
        response.status = falcon.code_to_http_status(store.switches.create_status)
        response.data = answers.dump({"data": answers.variable(variable)})
