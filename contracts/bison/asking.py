"""How the stub's own tests ask it: a workspace of made-up people and a client with its token."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from contracts.bison.stub import BisonStub, Server, Switches, serve

ACME = "1|acme-token"
OTHER = "2|other-token"

UPSERT = "/api/leads/create-or-update/multiple"
MULTIPLE = "/api/leads/multiple"


def open_stub(switches: Switches | None = None, **options: Any) -> BisonStub:
    """Open a stub with two workspaces; Acme has two custom variables."""
    stub = BisonStub(switches or Switches(), **options)
    stub.add_workspace("Acme", ACME, variables=("city", "phone"))
    stub.add_workspace("Other", OTHER)
    return stub


def client(stub: BisonStub, token: str = ACME) -> httpx.Client:
    """Reach the stub in process."""
    return httpx.Client(
        transport=httpx.WSGITransport(app=stub.app),
        base_url="http://bison.test",
        headers={"Authorization": f"Bearer {token}"},
    )


@contextmanager
def connected(stub: BisonStub, token: str = ACME) -> Iterator[httpx.Client]:
    """Reach the stub over a real socket."""
    with serve(stub) as server, over(server, token) as reached:
        yield reached


def over(server: Server, token: str = ACME, *, timeout_seconds: float = 5.0) -> httpx.Client:
    """Reach a stub that listens."""
    return httpx.Client(
        base_url=server.url,
        headers={"Authorization": f"Bearer {token}"},
        timeout=timeout_seconds,
    )


def person(email: str = "ann@agency.example", **fields: Any) -> dict[str, Any]:
    """Make a lead with the fields the API requires, and those given."""
    return {"first_name": "Ann", "email": email, **fields}


def people(count: int, start: int = 0) -> list[dict[str, Any]]:
    """Make so many different leads."""
    return [person(f"p{number}@agency.example") for number in range(start, start + count)]


def upsert(
    asking: httpx.Client,
    *leads: dict[str, Any],
    behavior: str | None = "patch",
) -> httpx.Response:
    """Create or update the leads."""
    body: dict[str, Any] = {"leads": list(leads)}
    if behavior is not None:
        body["existing_lead_behavior"] = behavior
    return asking.post(UPSERT, json=body)


def emails(answer: httpx.Response) -> list[str]:
    """Name the addresses of an answer's rows, in its order."""
    return [row["email"] for row in answer.json()["data"]]


def ids(answer: httpx.Response) -> list[int]:
    """Name the ids of an answer's rows, in its order."""
    return [row["id"] for row in answer.json()["data"]]
