"""Every error is a problem document (RFC 9457)."""

from __future__ import annotations

import pytest

from tests.http.house import House


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "route_missing"),
        ("GET", "/", 404, "route_missing"),
        ("DELETE", "/api/v1/workspaces", 405, "method_not_allowed"),
        ("GET", "/api/v1/workspaces/nobody", 404, "workspace_missing"),
        ("GET", "/api/v1/workspaces/a%00b", 400, "bad_request"),
        ("GET", "/api/v1/workspaces/acme/targets/13", 422, "bad_month"),
        ("GET", "/api/v1/jobs?cursor=bm9uc2Vuc2U=", 400, "bad_cursor"),
        ("GET", "/api/v1/jobs?limit=201", 400, "bad_parameter"),
    ],
)
def test_an_error_is_a_problem_document(
    house: House, method: str, path: str, status: int, code: str
) -> None:
    """With the page that explains it, and the request's id to ask about."""
    house.workspace()
    result = house.ask(method, path, X_Request_Id="request-0001")
    told = result.json

    assert (result.status_code, told["code"], told["status"]) == (status, code, status)
    assert result.headers["Content-Type"] == "application/problem+json"
    assert told["type"] == f"/docs/reference/error-codes/#{code}"
    assert told["detail"]
    assert told["title"]
