"""Whatever comes back: it is an answer, nothing is raised, and nobody is accepted by mistake."""

from __future__ import annotations

from typing import Any

import httpx
import orjson
from hypothesis import given
from hypothesis import strategies as st

from maverick_core.pipeline.upload.answers import (
    Accepted,
    Attached,
    Limited,
    Lost,
    Misconfigured,
    Refused,
    Unauthorised,
    Unavailable,
)
from tests.adapters.bison.scene import TOKEN, UPSERT, USERS, VARIABLES, Scene, lead, reply

PEOPLE = [lead(name, variables='{"city":"x"}') for name in ("ann", "bob", "cat")]
EMAILS = [person.email for person in PEOPLE]
KINDS = (Accepted, Attached, Refused, Lost, Unavailable, Limited, Unauthorised, Misconfigured)

scraps = (
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=9)
)
NAMES = (
    "data id email success message errors leads.1.email retry_after meta last_page name workspace "
    "team lead_campaign_data campaign_id"
)
keys = st.sampled_from(NAMES.split()) | st.text(max_size=5)
json = st.recursive(
    scraps | st.sampled_from([*EMAILS, 1, 2, 3]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=25,
)
rows = st.fixed_dictionaries(
    {
        "id": st.integers(1, 9) | st.sampled_from([0, -1, 2**63, True, 1.5, "1", None]),
        "email": st.sampled_from([*EMAILS, *map(str.upper, EMAILS), "dan@agency.example"]) | scraps,
    },
    optional={"lead_campaign_data": json},
)


def dumped(value: object) -> bytes:
    """Return the JSON of what may hold integers that are too large for orjson."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return repr(value).encode(errors="replace")


bodies = (
    st.binary(max_size=60)
    | json.map(dumped)
    | st.lists(rows, max_size=5).map(lambda data: dumped({"data": data}))
)
statuses = st.sampled_from([200, 201, 202, 204]) | st.integers(200, 599)


def is_plain(answer: object) -> bool:
    """Say whether the texts of an answer are fit to be stored."""
    texts = [getattr(answer, "detail", "")]
    texts += list(getattr(answer, "rows", {}).values())
    return all(
        len(text) <= 400 and text.isprintable() and "@" not in text and TOKEN not in text
        for text in texts
    )


def sound(body: bytes) -> dict[str, int]:
    """Read by hand which lead has which id, or nothing if a single row is not as it should be."""
    data = orjson.loads(body)["data"]
    return {row["email"].lower(): row["id"] for row in data}


@given(statuses, bodies)
def test_a_push_accepts_only_what_the_answer_names(status: int, body: bytes) -> None:
    """As many outcomes as leads; an id is one that the answer gives that very address."""
    with Scene() as scene:
        scene.sink.push(PEOPLE)
        scene.wire.answer(UPSERT, reply(status, body))

        answer = scene.sink.push(PEOPLE)

        assert isinstance(answer, KINDS)
        assert is_plain(answer)
        if isinstance(answer, Accepted):
            named = sound(body)
            assert 200 <= status < 300
            assert [named.get(email) for email in EMAILS] == list(answer.lead_ids)
            assert all(type(lead_id) is int for lead_id in answer.lead_ids if lead_id)
            assert None not in answer.lead_ids or set(named) <= set(EMAILS)


@given(statuses, bodies, statuses, bodies)
def test_an_attach_survives_any_two_answers(
    status: int, body: bytes, then_status: int, then_body: bytes
) -> None:
    """To itself and to its confirmation; those left out are among those that were asked for."""
    with Scene() as scene:
        pushed = scene.sink.push(PEOPLE)
        assert isinstance(pushed, Accepted)
        ids = [lead_id for lead_id in pushed.lead_ids if lead_id]
        scene.wire.answer(scene.attach_path, reply(status, body))
        scene.wire.answer(UPSERT, reply(then_status, then_body))

        answer = scene.sink.attach(scene.campaign, PEOPLE, ids)

        assert isinstance(answer, KINDS)
        assert is_plain(answer)
        if isinstance(answer, Attached):
            assert 200 <= status < 300
            assert set(answer.missing) < set(range(len(PEOPLE)))


@given(st.sampled_from([USERS, VARIABLES]), statuses, bodies)
def test_the_questions_before_it_survive_any_answer(path: str, status: int, body: bytes) -> None:
    """A push goes on or stops, and if it stops its leads are not in doubt."""
    with Scene() as scene:
        scene.wire.answer(path, reply(status, body))

        answer = scene.sink.push(PEOPLE)

        assert isinstance(answer, KINDS)
        assert is_plain(answer)
        sent: list[Any] = scene.wire.to(UPSERT)
        assert bool(sent) == isinstance(answer, Accepted)
        assert not isinstance(answer, Lost | Refused)


@given(st.dictionaries(st.text(max_size=12), st.text(max_size=30), max_size=4), statuses)
def test_headers_of_any_kind_do_no_harm(headers: dict[str, str], status: int) -> None:
    """Above all those that are read."""
    raw = [
        (name.encode(errors="replace"), value.encode(errors="replace"))
        for name, value in [*headers.items(), *(("retry-after", text) for text in headers.values())]
    ]
    with Scene() as scene:
        scene.wire.answer(UPSERT, httpx.Response(status, headers=raw, content=b""))

        assert isinstance(scene.sink.push(PEOPLE), KINDS)
