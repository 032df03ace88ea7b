"""Whatever is logged, and however: no address, no token and no key is in the line, and it is one.

The tests of ``scrub`` show single cases; here texts are made up around what must not be seen.
"""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr

import pytest
import structlog
from hypothesis import example, given
from hypothesis import strategies as st

from maverick_adapters.logs import configure_logs, scrub

SECRETS = (
    "canary@clinic.example",
    "canary%40clinic.example",
    "o'canary+list@clinic.example",
    "34|cAnArYtOkEn",
    "34%7CcAnArYtOkEn",
    "mav_live_cAnArYkEy",
    "redis://:cAnArYpw@cache.example:6379/0",
    "postgresql://maverick:cAnArYpw@db.example/maverick",
)
FORMS = ("text", "json")

# Any text, with what ends a line or moves a cursor more often than chance would have it.
around = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]), st.sampled_from("\r\n\x85\u2028\x1b\0\t @|")
    )
)
secrets = st.sampled_from(SECRETS)


def say_event(text: str) -> None:
    structlog.get_logger("ours").warning(text)


def say_value(text: str) -> None:
    structlog.get_logger("ours").warning("sent", to=[text], deep={"in": {"it": text}})


def say_key(text: str) -> None:
    structlog.get_logger("ours").warning("sent", **{text or "empty": 1})


def say_bound(text: str) -> None:
    with structlog.contextvars.bound_contextvars(subject=text):
        structlog.get_logger("ours").warning("sent")


def say_exception(text: str) -> None:
    try:
        try:
            raise KeyError(text)  # noqa: TRY301
        except KeyError as inner:
            inner.add_note(text)
            raise ValueError(f"of {text}") from inner
    except ValueError:
        structlog.get_logger("ours").exception("broke off")


def say_library(text: str) -> None:
    logging.getLogger("theirs").warning("%s and %r", text, [text])


def say_library_extra(text: str) -> None:
    logging.getLogger("theirs").warning("said", extra={"of_whom": text}, stack_info=True)


def say_library_exception(text: str) -> None:
    try:
        raise OSError(text)  # noqa: TRY301
    except OSError:
        logging.getLogger("theirs").exception("refused: %s", text)


def say_wrongly(text: str) -> None:
    """Ask for a number where there is a text, as libraries do now and then."""
    logging.getLogger("theirs").warning("%d rows", text)


def say_uncaught(text: str) -> None:
    """End the way a program does that did not expect an error."""
    try:
        raise RuntimeError(text)  # noqa: TRY301
    except RuntimeError as error:
        sys.excepthook(type(error), error, error.__traceback__)


WAYS = (
    say_event, say_value, say_key, say_bound, say_exception, say_library, say_library_extra,
    say_library_exception, say_wrongly, say_uncaught,
)  # fmt: skip


@contextmanager
def logs(form: str) -> Iterator[io.StringIO]:
    """Log into the buffer, at the most talkative level, and leave logging as it was."""
    root, hook = logging.getLogger(), sys.excepthook
    handlers, level = root.handlers[:], root.level
    buffer = io.StringIO()
    try:
        with redirect_stderr(buffer):
            configure_logs(level="DEBUG", form=form)
            yield buffer
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        sys.excepthook = hook
        structlog.reset_defaults()


def seen(form: str, say: Callable[[str], None], text: str) -> str:
    """Return everything that stderr shows when the text is logged that way."""
    with logs(form) as buffer:
        say(text)
    return buffer.getvalue()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("say", WAYS)
@given(before=around, secret=secrets, after=around)
@example(before="x", secret=SECRETS[3], after="")
@example(before="", secret=SECRETS[0], after="@")
def test_no_line_shows_what_was_planted(
    form: str, say: Callable[[str], None], before: str, secret: str, after: str
) -> None:
    """Not as it is, and not in pieces that somebody could put together."""
    told = seen(form, say, before + secret + after).lower()

    assert told
    assert "canary" not in told


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("say", WAYS)
@given(text=around)
@example(text="a\r\n2026-01-01T00:00:00Z [error    ] a record of its own")
@example(text="a\x85b\u2028c\x1b[2Jd\0e\x0bf")
def test_no_text_passes_for_a_record_or_moves_the_cursor(
    form: str, say: Callable[[str], None], text: str
) -> None:
    """A record is one line, the lines of a trace are set in, and no control character is left."""
    told = seen(form, say, text)

    first, *more = told.removesuffix("\n").split("\n")
    assert first
    assert all(line.startswith("    ") for line in more)
    assert not [c for c in told if (c < " " and c != "\n") or "\x7f" <= c <= "\x9f"]
    assert "\u2028" not in told
    if form == "json":
        assert not more
        assert json.loads(first)["timestamp"]


def test_a_stream_that_is_gone_stops_nobody() -> None:
    """Whoever logs has something else to do."""
    with logs("text") as buffer:
        buffer.close()
        say_event("nobody reads this")


@given(text=around)
def test_scrubbing_twice_is_scrubbing_once(text: str) -> None:
    """What was taken out is not a secret again."""
    assert scrub(scrub(text)) == scrub(text)
