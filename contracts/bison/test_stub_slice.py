"""The stub keeps to the slice: every call of it, with and without what it needs."""

import copy
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from contracts.bison.asking import client, ids, open_stub, person, upsert
from contracts.bison.slice import ABSENT, CALLS, NOT_ALLOWED, Call

NAMES = [f"{call.method} {call.path}" for call in CALLS]
NEEDS = [(call, key) for call in CALLS for key in call.required]


class Scene:
    """A stub with one lead in one campaign, and the calls of the slice put to it."""

    def __init__(self) -> None:
        self.stub = open_stub()
        self.asking = client(self.stub)
        self.lead = ids(upsert(self.asking, person("seed@agency.example")))[0]
        self.campaign = self.stub.add_campaign("Acme", "Spring")
        self.ask("POST", CALLS[-1].path, CALLS[-1].body)

    def ask(self, method: str, path: str, body: Mapping[str, Any], **more: Any) -> httpx.Response:
        """Put ids in and ask."""
        path = path.format(lead=self.lead, campaign=self.campaign)
        filled = dict(body)
        if "lead_ids" in filled:
            filled["lead_ids"] = [self.lead for _ in filled["lead_ids"]]
        return self.asking.request(method, path, json=filled if method == "POST" else None, **more)


@pytest.fixture
def scene() -> Scene:
    """Set the scene anew for every call."""
    return Scene()


def without(body: Mapping[str, Any], dotted: str) -> dict[str, Any]:
    """Take one key out of a body."""
    less: Any = copy.deepcopy(dict(body))
    *path, last = dotted.split(".")
    inner: Any = less
    for step in path:
        inner = inner[int(step)] if step.isdecimal() else inner[step]
    del inner[last]
    return dict(less)


@pytest.mark.parametrize("call", CALLS, ids=NAMES)
def test_a_call_answers_as_the_slice_says(scene: Scene, call: Call) -> None:
    """Status, envelope, and every field with its type."""
    answer = scene.ask(call.method, call.path, call.body)

    assert answer.status_code == call.status
    assert answer.headers["Content-Type"] == "application/json"
    data = answer.json()["data"]
    assert isinstance(data, list) is call.many
    for record in data if call.many else [data]:
        wrong = {key for key, kind in call.shape.items() if not isinstance(record[key], kind)}
        assert not wrong


@pytest.mark.parametrize("call", [call for call in CALLS if call.paged], ids=lambda c: c.path)
def test_a_paged_call_has_links_and_meta(scene: Scene, call: Call) -> None:
    """Length-aware, 15 rows a page."""
    answer = scene.ask(call.method, call.path, call.body).json()

    assert set(answer["links"]) == {"first", "last", "prev", "next"}
    assert answer["meta"]["per_page"] == 15
    assert answer["meta"]["current_page"] == 1
    assert answer["meta"]["total"] == len(answer["data"]) >= 1


@pytest.mark.parametrize(("call", "key"), NEEDS, ids=lambda each: getattr(each, "path", each))
def test_a_call_without_what_it_needs_is_422(scene: Scene, call: Call, key: str) -> None:
    """The errors name the key, dotted; the first error is the message."""
    answer = scene.ask(call.method, call.path, without(call.body, key))

    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [key]
    assert answer.json()["message"] == answer.json()["errors"][key][0]


@pytest.mark.parametrize("call", CALLS, ids=NAMES)
def test_a_call_without_a_token_is_401(scene: Scene, call: Call) -> None:
    """No call is open."""
    answer = scene.ask(call.method, call.path, call.body, headers={"Authorization": ""})

    assert answer.status_code == 401


@pytest.mark.parametrize("path", ABSENT)
def test_an_absent_route_is_404(scene: Scene, path: str) -> None:
    """However plausible."""
    assert scene.ask("GET", path, {}).status_code == 404


@pytest.mark.parametrize(("method", "path"), NOT_ALLOWED)
def test_a_method_the_route_lacks_is_405(scene: Scene, method: str, path: str) -> None:
    """However plausible."""
    assert scene.ask(method, path, {}).status_code == 405
