"""Every error is a problem document (RFC 9457)."""

from __future__ import annotations

import pytest
import structlog
from structlog.testing import capture_logs

from maverick_adapters.memory import ManualClock
from maverick_adapters.sql import SqlStore, open_engine
from maverick_adapters.vault import Vault
from maverick_http import app
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


def test_where_the_database_is_stays_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody can ask with what looks like a key; the log tells whoever runs Maverick."""
    engine = open_engine("postgresql://maverick:secret@127.0.0.1:1/crm")
    clock = ManualClock()
    house = House(SqlStore(engine, clock, Vault.from_secret(Vault.new_key())), clock)
    monkeypatch.setattr(app, "_log", structlog.get_logger())  # the other may be bound by now

    with capture_logs() as lines:
        result = house.ask("GET", "/api/v1/batches", key=f"mav_live_{'A' * 43}")
    logged = [line for line in lines if line["event"] == "record not reached"]

    assert (result.status_code, result.json["code"]) == (503, "db_unreachable")
    assert result.headers["Retry-After"]
    for words in ("127.0.0.1", "crm", "MAVERICK_DATABASE_URL", "secret"):
        assert words not in result.text
    assert [line["request_id"] for line in logged] == [result.json["instance"]]
    assert "127.0.0.1:1/crm" in logged[0]["why"]
