"""Whatever is sent, the answer is a refusal in good form and never a defect (checklist 13)."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any, Final

import pytest
from falcon import testing
from hypothesis import given
from hypothesis import strategies as st

from maverick_http.routes import Route
from tests.http.security.town import OWN, REQUESTS, ROUTES, Town, name_of

WITH_BODY: Final = [route for route in ROUTES if route.takes_body and REQUESTS[name_of(route)].body]
DEEP: Final = 100_000


def with_first(body: Any, value: str) -> bytes:
    """Return the body as it should be, with raw JSON in place of its first value."""
    name = next(iter(body))
    rest = "".join(f", {json.dumps(k)}: {json.dumps(v)}" for k, v in body.items() if k != name)
    return f"{{{json.dumps(name)}: {value}{rest}}}".encode()


BOMBS: Final[dict[str, Callable[[Any], bytes]]] = {
    "empty": lambda _: b"",
    "not JSON": lambda _: b"{'a': 1}",
    "cut off": lambda body: json.dumps(body).encode()[:-1],
    "something behind": lambda body: json.dumps(body).encode() + b"{}",
    "a list": lambda body: json.dumps([body]).encode(),
    "null": lambda _: b"null",
    "nested lists": lambda _: b"[" * DEEP,
    "nested lists, closed": lambda _: b"[" * DEEP + b"]" * DEEP,
    "nested objects": lambda _: b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "nested value": lambda body: with_first(body, "[" * 500 + "]" * 500),
    "NaN": lambda body: with_first(body, "NaN"),
    "Infinity": lambda body: with_first(body, "-Infinity"),
    "1e999": lambda body: with_first(body, "1e999"),
    "huge number": lambda body: with_first(body, "9" * 5_000),
    "beyond 64 bits": lambda body: with_first(body, str(2**70)),
    "lone surrogate": lambda body: with_first(body, '"\\ud800"'),
    "null character": lambda body: with_first(body, '"a\\u0000b"'),
    "key twice": lambda body: b'{"' + next(iter(body)).encode() + b'": 1, ' +
    json.dumps(body).encode()[1:],
    "unknown field": lambda body: json.dumps({**body, "is_admin": True}).encode(),
    "class pollution": lambda body: json.dumps({**body, "__class__": {"__init__": 1}}).encode(),
    "UTF-16": lambda body: json.dumps(body).encode("utf-16"),
    "byte order mark": lambda body: b"\xef\xbb\xbf" + json.dumps(body).encode(),
    "not UTF-8": lambda _: b'{"a": "\xff\xfe"}',
}  # fmt: skip


def refused_in_good_form(answer: testing.Result) -> None:
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.text)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["code"]
    assert len(answer.content) < 20_000


def post(town: Town, route: Route, raw: bytes, **headers: str) -> testing.Result:
    sent = {"Idempotency_Key": "some-key-of-a-request", "If_Match": "*", **headers}
    return town.ask(route.method, town.path(route, OWN), raw, **sent)


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("route", WITH_BODY, ids=name_of)
def test_a_body_that_is_no_good_is_refused(town: Town, route: Route, bomb: str) -> None:
    """Two readers could take it differently, a database not keep it, or a parser break on it."""
    refused_in_good_form(post(town, route, BOMBS[bomb](REQUESTS[name_of(route)].body)))


@pytest.mark.parametrize(
    "media", ["", "text/plain", "application/xml", "application/json; charset=utf-16", "\u00fc/x"]
)
@pytest.mark.parametrize("route", WITH_BODY, ids=name_of)
def test_only_json_is_taken(town: Town, route: Route, media: str) -> None:
    """A form of another site's page cannot be JSON without asking first."""
    raw = json.dumps(REQUESTS[name_of(route)].body).encode()
    answer = post(town, route, raw, Content_Type=media.encode("utf-8").decode("latin-1"))

    assert answer.status_code == 415


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_chunks_and_large_bodies_are_refused_before_they_are_read(town: Town, route: Route) -> None:
    """On routes that read no body too: nobody keeps a connection busy with it."""
    chunked = town.send(route, Transfer_Encoding="chunked")
    large = town.send(route, Content_Length="999999999")

    assert (chunked.status_code, large.status_code) == (411, 413)


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "99999999999999999999999", " ", "1, 2"])
def test_a_length_that_is_none_is_refused(town: Town, length: str) -> None:
    environ = testing.create_environ(
        "/api/v1/workspaces", method="POST", headers={"Authorization": f"Bearer {town.key()}"}
    )
    environ["CONTENT_LENGTH"] = length
    environ["wsgi.input"] = io.BytesIO(b"{}")
    started = testing.StartResponseMock()
    b"".join(town.client.app(environ, started))

    assert (started.status or "").startswith("4"), started.status


@pytest.mark.parametrize("name", ["Authorization", "If-Match", "Idempotency-Key", "X-Request-Id"])
@pytest.mark.parametrize("value", ["A" * 100_000, "\x7f", "\u00e9\u00e9", "a\tb", '"', "\\", "*,*"])
def test_no_header_breaks_anything(town: Town, name: str, value: str) -> None:
    """However long, and whatever is in it."""
    headers = {
        "Authorization": f"Bearer {town.key()}",
        "If-Match": "*",
        "Idempotency-Key": "fresh-key",
        "Content-Type": "application/json",
        name: value,
    }
    for method, path, body in (
        ("PATCH", f"/api/v1/workspaces/{OWN}", '{"batch_size": 3}'),
        ("POST", "/api/v1/workspaces", '{"slug": "fresh", "timezone": "UTC"}'),
    ):
        answer = town.client.simulate_request(method, path, body=body, headers=headers)

        assert answer.status_code < 500
        assert value not in answer.headers.values()
        town.rewind()


@pytest.mark.parametrize("route", WITH_BODY, ids=name_of)
@given(data=st.data())
def test_a_body_of_any_shape_is_taken_or_refused(
    built_town: Town, route: Route, data: st.DataObject
) -> None:
    """Right names with wrong values, which is what clients really send."""
    built_town.rewind()
    names = [*route.takes.model_fields, "other"]
    value = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=5,
    )
    body = data.draw(st.dictionaries(st.sampled_from(names), value))
    good = REQUESTS[name_of(route)].body
    mixed = (
        {**(good if isinstance(good, dict) else {}), **body} if data.draw(st.booleans()) else body
    )
    answer = post(built_town, route, json.dumps(mixed).encode())

    assert answer.status_code < 500, (mixed, answer.text)


@pytest.mark.parametrize(
    "query",
    [
        "limit=9999999999999999999999", "limit=-1", "limit=NaN", "limit=1&limit=2", "unknown=1",
        "cursor=" + "A" * 5_000, "cursor=%00", "cursor=%ff%fe", "limit=%EF%BC%91", "=", "&&&",
        "a[]=1", "cursor=bnVsbA==", "%", "cursor=%",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "route", [r for r in ROUTES if r.method == "GET" and r.scope is not None], ids=name_of
)
def test_a_query_of_any_shape_is_taken_or_refused(town: Town, route: Route, query: str) -> None:
    answer = town.ask("GET", f"{town.path(route)}?{query}")

    assert answer.status_code < 500, answer.text
