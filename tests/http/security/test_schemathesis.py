"""Requests made up from the API's own contract: no defect, and no answer that it does not promise.

``MAVERICK_EXAMPLES=2000`` looks longer (``make fuzz``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from maverick_http.routes import Route
from tests.http.security.town import OWN, ROUTES, Town, name_of

EXAMPLES: Final = int(os.environ.get("MAVERICK_EXAMPLES", "15"))
CHECKS: Final = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="session")
def contract(built_town: Town) -> Any:
    """Read the contract from the application itself."""
    return schemathesis.openapi.from_wsgi("/api/openapi.json", built_town.client.app)


def cases() -> Iterator[Any]:
    """Yield every route with what is allowed and, where anything can be wrong, with what is not."""
    for route in ROUTES:
        for mode in GenerationMode:
            if mode is GenerationMode.POSITIVE or route.fields or route.takes.model_fields:
                yield pytest.param(route, mode, id=f"{name_of(route)} {mode.value}")


@pytest.mark.parametrize(("route", "mode"), list(cases()))
def test_every_answer_is_one_that_the_contract_promises(
    contract: Any, built_town: Town, route: Route, mode: GenerationMode
) -> None:
    """Whatever the contract allows to be sent, and whatever it does not."""
    operation = contract[route.path][route.method]
    known = {name: ids[OWN] for name, ids in built_town.ids.items()}
    headers = {"Authorization": f"Bearer {built_town.key()}"}

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        built_town.rewind()
        for name, value in (case.path_parameters or {}).items():
            if len(str(value)) % 2:  # things that exist as often as things that do not
                case.path_parameters[name] = known[name]
        case.call_and_validate(headers=headers, checks=CHECKS)

    ask()
