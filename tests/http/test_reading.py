"""Whatever is sent, it is read or refused in words: cursors, query strings, bodies."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maverick_core.kernel.errors import Rejected
from maverick_http.bodies import DEEPEST, parse_body
from maverick_http.errors import Flawed, status_of
from maverick_http.paging import Cursor, page
from maverick_http.queries import read_query
from maverick_http.resources.jobs import JobsQuery
from maverick_http.schemas.base import MAX_LIMIT, Body
from maverick_http.schemas.batches import BatchesQuery
from maverick_http.schemas.workspaces import NewWorkspaceBody

JSON = "application/json"
JOBS = Cursor("jobs", tuple[datetime, str])
INSTANTS = st.datetimes(timezones=st.just(UTC))
Read = TypeVar("Read")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


class Anything(Body):
    """A body that takes any value."""

    value: Any


def tried(call: Callable[..., Read], *arguments: Any) -> Read | Rejected:
    """Return what was read, or why it was not."""
    try:
        return call(*arguments)
    except Rejected as refused:
        return refused


@given(at=INSTANTS, message_id=st.text(st.characters(exclude_characters="\x00"), max_size=40))
def test_a_cursor_comes_back_as_the_position_that_it_was_written_for(
    at: datetime, message_id: str
) -> None:
    """It is safe in an address as it is, and another list's is refused."""
    try:
        written = JOBS.write((at, message_id))
    except ValueError:
        assert any("\ud800" <= each <= "\udfff" for each in message_id)
        return

    assert JOBS.read(written) == (at, message_id)
    assert set(written) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=")
    with pytest.raises(Rejected, match="not one that this list"):
        Cursor("other", tuple[datetime, str]).read(written)


@given(text=st.text() | st.binary().map(lambda raw: raw.hex()))
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(Rejected) as refused:
        JOBS.read(text)

    assert refused.value.code == "bad_cursor"


@pytest.mark.parametrize(
    ("cursor", "position"),
    [
        (Cursor("rows", int), 2**63),
        (Cursor("rows", int), -(2**63)),
        (Cursor("rows", tuple[int, int]), (1, 10**30)),
        (JOBS, (datetime(2026, 11, 1), "m-1")),  # noqa: DTZ001 - what a forger may write
        (JOBS, (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), "m-1")),
        (JOBS, (datetime(2026, 11, 1, tzinfo=UTC), "m\x00")),
    ],
)
def test_a_cursor_that_no_database_could_have_led_to_is_refused(
    cursor: Cursor[Any], position: Any
) -> None:
    """Cursors are not signed; a made-up one is the client's mistake, not a defect of ours."""
    with pytest.raises(Rejected) as refused:
        cursor.read(cursor.write(position))

    assert refused.value.code == "bad_cursor"


@pytest.mark.parametrize(
    "query",
    [
        "created_after=0001-01-01T00:00:00%2B14:00",
        "created_before=9999-12-31T23:59:59-14:00",
    ],
)
def test_an_instant_that_only_another_zone_has_is_refused(query: str) -> None:
    """Instants are compared in UTC, whose calendar ends there too."""
    with pytest.raises(Rejected) as refused:
        read_query(query, BatchesQuery)

    assert refused.value.code == "bad_parameter"


@given(rows=st.lists(st.integers(-(2**63) + 1, 2**63 - 1), unique=True), limit=st.integers(1, 7))
def test_pages_are_the_list(rows: list[int], limit: int) -> None:
    """Nothing is left out, nothing comes twice, and the last page says that it is."""
    seen: list[int] = []
    cursor = Cursor("rows", int)
    after: str | None = None
    while True:
        position = cursor.read(after)
        start = 0 if position is None else rows.index(position) + 1
        part = page(
            rows[start : start + limit + 1], limit, show=lambda row: row, cursor=cursor.write
        )
        seen += part.data
        after = part.next_cursor
        assert part.has_more == (after is not None) == (len(seen) < len(rows))
        if after is None:
            break

    assert seen == rows


@given(text=st.text() | st.from_regex(r"(limit|state|cursor|lim)=[^&]{0,9}(&[a-z]+=.{0,9})?"))
def test_any_query_string_is_read_or_refused(text: str) -> None:
    """With a status that says that it is the client's move."""
    asked = tried(read_query, text, JobsQuery)

    if isinstance(asked, Rejected):
        assert status_of(asked) == 400
    else:
        assert 1 <= asked.limit <= MAX_LIMIT


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("limti=3", "unknown_parameter", "Did you mean limit?"),
        ("x=1", "unknown_parameter", "Known here: cursor, limit, queue, state."),
        ("limit=1&limit=2", "bad_parameter", ""),
        ("limit=1_0", "bad_parameter", ""),
        ("limit=+1", "bad_parameter", ""),
        ("limit=1.0", "bad_parameter", ""),
        ("limit=", "bad_parameter", ""),
        ("limit=0", "bad_parameter", ""),
        ("limit=999999999999", "bad_parameter", ""),
        ("state=gone", "bad_parameter", ""),
        ("queue=%00", "bad_parameter", ""),
        ("queue=%ff", "bad_parameter", ""),
    ],
)
def test_a_parameter_that_is_wrong_is_named(text: str, code: str, words: str) -> None:
    with pytest.raises(Rejected) as refused:
        read_query(text, JobsQuery)

    assert refused.value.code == code
    assert words in refused.value.remedy


@given(raw=st.binary() | VALUES.map(lambda value: json.dumps(value).encode()))
def test_any_body_is_read_or_refused(raw: bytes) -> None:
    """Never a defect, whatever the bytes are."""
    read = tried(parse_body, raw, JSON, NewWorkspaceBody)

    assert isinstance(read, NewWorkspaceBody) or status_of(read) in {400, 422}


@given(value=VALUES)
def test_json_that_all_readers_agree_on_is_read_as_it_was_meant(value: Any) -> None:
    """What is refused is a number that JSON does not have, or text that is none."""
    raw = json.dumps({"value": value}).encode()
    read = tried(parse_body, raw, JSON, Anything)

    if isinstance(read, Rejected):
        assert read.code == "bad_json"
        assert re.search(r"NaN|Infinity|\\u0000|\\ud[89a-f]", raw.decode())
    else:
        assert read.value == value


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b'{"value": NaN}',
        b'{"value": -Infinity}',
        b'{"value": 1, "value": 2}',
        b'{"value": {"a": 1, "a": 1}}',
        b'{"value": "\\ud800"}',
        b'{"value": "\\u0000"}',
        b'{"value": {"\\u0000": 1}}',
        b'{"value": "\xff"}',
        b'\xef\xbb\xbf{"value": 1}',
        b"[" * 100_000,
        b'{"value": ' + b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1) + b"}",
        b'{"value": 1' + b"0" * 5_000 + b"}",
    ],
)
def test_json_that_readers_differ_on_is_refused(raw: bytes) -> None:
    """Checklist 13: what one reads as one thing and the next as another is no request."""
    with pytest.raises(Rejected) as refused:
        parse_body(raw, JSON, Anything)

    assert refused.value.code == "bad_json"


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin-1",
    ],
)
def test_a_body_of_another_kind_is_refused(sent: str | None) -> None:
    with pytest.raises(Rejected) as refused:
        parse_body(b'{"value": 1}', sent, Anything)

    assert status_of(refused.value) == 415


@pytest.mark.parametrize("sent", [JSON, "application/json; charset=UTF-8", "Application/JSON"])
def test_json_is_json_however_it_is_written(sent: str) -> None:
    assert parse_body(b'{"value": 1}', sent, Anything).value == 1


def test_a_flaw_is_pointed_at() -> None:
    """By JSON pointer; types are not guessed and unknown fields refused, all at once."""
    raw = b'{"slug": 1, "timezone": "UTC", "batch_size": "9", "a/b~c": 1}'
    with pytest.raises(Flawed) as refused:
        parse_body(raw, JSON, NewWorkspaceBody)

    pointers = {flaw.pointer: flaw.code for flaw in refused.value.flaws}
    assert pointers == {
        "#/slug": "string_type",
        "#/batch_size": "int_type",
        "#/a~1b~0c": "extra_forbidden",
    }
