"""The contract that is kept in the tree is the one that the routes declare, and breaks nobody."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from maverick_http.openapi.breaking import RULES, breaks, is_allowed
from maverick_http.openapi.document import as_text, document
from maverick_http.resources import RESOURCES

CONTRACTS = Path(__file__).resolve().parents[2] / "contracts"
Document = dict[str, Any]


def test_the_contract_in_the_tree_is_the_one_that_the_routes_declare() -> None:
    """``python -m maverick_http.openapi > contracts/openapi.json`` writes it."""
    kept = (CONTRACTS / "openapi.json").read_text(encoding="utf-8")

    assert kept == as_text(document(RESOURCES))


def test_the_contract_does_not_break_clients_of_the_released_one() -> None:
    """Unless the version's first number is raised."""
    released = json.loads((CONTRACTS / "openapi-released.json").read_text(encoding="utf-8"))
    present = document(RESOURCES)

    assert is_allowed(released, present) or breaks(released, present) == []


@pytest.fixture(scope="module")
def released() -> Document:
    return document(RESOURCES)


LIST = "/api/v1/jobs"
ADD = "/api/v1/workspaces"


def schema(api: Document, name: str) -> Document:
    found: Document = api["components"]["schemas"][name]
    return found


def limit(api: Document) -> Document:
    found: Document = api["paths"][LIST]["get"]["parameters"][0]["schema"]
    return found


PLANTED: dict[str, tuple[Callable[[Document], object], str]] = {
    "a path is gone": (lambda api: api["paths"].pop(LIST), f"GET {LIST} is gone"),
    "a method is gone": (lambda api: api["paths"][ADD].pop("post"), f"POST {ADD} is gone"),
    "a success is gone": (
        lambda api: api["paths"][ADD]["post"]["responses"].pop("201"),
        f"POST {ADD}: answers 201 no more",
    ),
    "a field of an answer is gone": (
        lambda api: schema(api, "WorkspaceAnswer")["properties"].pop("hold"),
        f"POST {ADD}: 201/hold is gone",
    ),
    "a field of an answer may be missing": (
        lambda api: schema(api, "WorkspaceAnswer")["required"].remove("slug"),
        f"POST {ADD}: 201/slug may be missing",
    ),
    "a field of an answer may be null": (
        lambda api: schema(api, "WorkspaceAnswer")["properties"].update(
            slug={"anyOf": [{"type": "string"}, {"type": "null"}]}
        ),
        f"POST {ADD}: 201/slug may be null",
    ),
    "a value of an enumeration is gone": (
        lambda api: schema(api, "JobState")["enum"].remove("failed"),
        f"GET {LIST}: query state knows failed no more",
    ),
    "a parameter is gone": (
        lambda api: api["paths"][LIST]["get"]["parameters"].pop(),
        f"GET {LIST}: query queue is not taken",
    ),
    "a field of a body is gone": (
        lambda api: schema(api, "NewWorkspaceBody")["properties"].pop("batch_size"),
        f"POST {ADD}: body/batch_size is not taken",
    ),
    "a field of a body is required": (
        lambda api: schema(api, "NewWorkspaceBody")["required"].append("batch_size"),
        f"POST {ADD}: body/batch_size is required",
    ),
    "a header is required": (
        lambda api: api["paths"][LIST]["get"]["parameters"].append(
            {"name": "X", "in": "header", "required": True, "schema": {"type": "string"}}
        ),
        f"GET {LIST}: header X is required",
    ),
    "a field of a body has fewer types": (
        lambda api: schema(api, "NewWorkspaceBody")["properties"].update(
            campaign_id={"type": "integer"}
        ),
        f"POST {ADD}: body/campaign_id may not be null",
    ),
    "a field of a body has a pattern": (
        lambda api: schema(api, "NewWorkspaceBody")["properties"]["slug"].update(pattern="^a$"),
        f"POST {ADD}: body/slug has a tighter pattern",
    ),
    "a bound is lower": (
        lambda api: limit(api).update(maximum=100),
        f"GET {LIST}: query limit has a tighter maximum",
    ),
    "another scope is asked for": (
        lambda api: api["paths"][LIST]["get"].update(security=[{"key": ["audit:read"]}]),
        f"GET {LIST}: asks for audit:read",
    ),
}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_break_is_seen(released: Document, fault: str) -> None:
    """Each rule is seen to fail on a change that it is for."""
    plant, seen = PLANTED[fault]
    present = copy.deepcopy(released)
    plant(present)

    assert seen in breaks(released, present)


def test_every_rule_is_seen_to_find_something(released: Document) -> None:
    """A rule that no planted change turns red has no teeth."""
    silent = set(RULES)
    for rule in RULES:
        for plant, _ in PLANTED.values():
            present = copy.deepcopy(released)
            plant(present)
            if breaks(released, present, rules=(rule,)) > breaks(released, present, rules=()):
                silent.discard(rule)

    assert not silent


def test_what_is_added_breaks_nobody(released: Document) -> None:
    """A path, a field of an answer, a field that may be left out, a value, a wider bound."""
    present = copy.deepcopy(released)
    present["paths"]["/api/v1/new"] = present["paths"][LIST]
    schema(present, "WorkspaceAnswer")["properties"]["colour"] = {"type": "string"}
    schema(present, "NewWorkspaceBody")["properties"]["colour"] = {"type": "string"}
    schema(present, "JobState")["enum"].append("paused")
    limit(present)["maximum"] = 500

    assert breaks(released, present) == []


def test_a_break_is_allowed_with_a_new_first_number(released: Document) -> None:
    present = copy.deepcopy(released)
    present["info"]["version"] = "2.0.0"

    assert is_allowed(released, present)
    assert not is_allowed(released, released)
