"""The contract that is kept in the tree is the one that the routes declare, and breaks nobody."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from maverick_http.openapi.breaking import (
    RULES,
    Rule,
    answer_lost,
    answer_uncertain,
    answer_widened,
    breaks,
    is_allowed,
    request_demands,
    request_narrowed,
    request_refused,
    scope_raised,
    value_removed,
)
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


PLANTED: dict[str, tuple[Rule | None, Callable[[Document], object], str]] = {
    "a path is gone": (None, lambda api: api["paths"].pop(LIST), f"GET {LIST} is gone"),
    "a method is gone": (None, lambda api: api["paths"][ADD].pop("post"), f"POST {ADD} is gone"),
    "a success is gone": (
        answer_lost,
        lambda api: api["paths"][ADD]["post"]["responses"].pop("201"),
        f"POST {ADD}: answers 201 no more",
    ),
    "a field of an answer is gone": (
        answer_lost,
        lambda api: schema(api, "WorkspaceAnswer")["properties"].pop("hold"),
        f"POST {ADD}: 201/hold is gone",
    ),
    "a field of an answer may be missing": (
        answer_uncertain,
        lambda api: schema(api, "WorkspaceAnswer")["required"].remove("slug"),
        f"POST {ADD}: 201/slug may be missing",
    ),
    "a field of an answer may be null": (
        answer_widened,
        lambda api: schema(api, "WorkspaceAnswer")["properties"].update(
            slug={"anyOf": [{"type": "string"}, {"type": "null"}]}
        ),
        f"POST {ADD}: 201/slug may be null",
    ),
    "a value of an enumeration is gone": (
        value_removed,
        lambda api: schema(api, "JobState")["enum"].remove("failed"),
        f"GET {LIST}: query state knows failed no more",
    ),
    "a parameter is gone": (
        request_refused,
        lambda api: api["paths"][LIST]["get"]["parameters"].pop(),
        f"GET {LIST}: query queue is not taken",
    ),
    "a field of a body is gone": (
        request_refused,
        lambda api: schema(api, "NewWorkspaceBody")["properties"].pop("batch_size"),
        f"POST {ADD}: body/batch_size is not taken",
    ),
    "a field of a body is required": (
        request_demands,
        lambda api: schema(api, "NewWorkspaceBody")["required"].append("batch_size"),
        f"POST {ADD}: body/batch_size is required",
    ),
    "a header is required": (
        request_demands,
        lambda api: api["paths"][LIST]["get"]["parameters"].append(
            {"name": "X", "in": "header", "required": True, "schema": {"type": "string"}}
        ),
        f"GET {LIST}: header X is required",
    ),
    "a field of a body has fewer types": (
        request_narrowed,
        lambda api: schema(api, "NewWorkspaceBody")["properties"].update(
            campaign_id={"type": "integer"}
        ),
        f"POST {ADD}: body/campaign_id may not be null",
    ),
    "a field of a body has a pattern": (
        request_narrowed,
        lambda api: schema(api, "NewWorkspaceBody")["properties"]["slug"].update(pattern="^a$"),
        f"POST {ADD}: body/slug has a tighter pattern",
    ),
    "a bound is lower": (
        request_narrowed,
        lambda api: limit(api).update(maximum=100),
        f"GET {LIST}: query limit has a tighter maximum",
    ),
    "another scope is asked for": (
        scope_raised,
        lambda api: api["paths"][LIST]["get"].update(security=[{"key": ["audit:read"]}]),
        f"GET {LIST}: asks for audit:read",
    ),
}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_break_is_seen(released: Document, fault: str) -> None:
    """By the rule that it is a case of, alone."""
    rule, plant, seen = PLANTED[fault]
    present = copy.deepcopy(released)
    plant(present)

    assert seen in breaks(released, present, rules=[rule] if rule else [])


def test_every_rule_was_seen_to_find_something() -> None:
    """A rule that no planted change turns red has no teeth."""
    assert {rule for rule, _, _ in PLANTED.values()} == {None, *RULES}


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
