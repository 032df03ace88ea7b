"""What is logged gives nobody's address and no token away, and no text passes for a record."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from maverick_adapters.logs import configure_logs, scrub

TOKEN = "12|AbCdEfGh"  # noqa: S105 - made up
EMAIL = "ann@clinic.example"


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def raised(words: str) -> ValueError:
    return ValueError(words)


@pytest.mark.parametrize(
    "text", [TOKEN, f"Authorization: Bearer {TOKEN}", "bearer abc", EMAIL, f"<{EMAIL}>,x"]
)
def test_tokens_and_addresses_are_struck_out(text: str) -> None:
    assert "[removed]" in scrub(text)
    assert not any(secret in scrub(text) for secret in (TOKEN, EMAIL, "abc"))


@pytest.mark.parametrize("form", ["text", "json"])
def test_nothing_of_a_record_gives_them_away(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither its words, nor its values however deep, nor the trace of an error."""
    configure_logs(level="INFO", form=form)
    error = raised(f"{TOKEN} of {EMAIL}\n2026-01-01 [error] a record of its own")
    ours = structlog.get_logger("ours")
    ours.error("sent", by=TOKEN, to=[EMAIL], rows=3, exc_info=error)
    logging.getLogger("theirs").warning("%s has %s", EMAIL, TOKEN)
    told = capsys.readouterr().err

    assert told.count("[removed]") >= 6
    assert not any(secret in told for secret in (TOKEN, EMAIL))
    assert not any(line.startswith("2026-01-01") for line in told.splitlines())


def test_a_trace_can_be_read_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(level="INFO", form="text")
    structlog.get_logger("ours").error("what", exc_info=raised("why"))

    assert "    ValueError: why" in capsys.readouterr().err.splitlines()


def test_a_record_in_json_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(level="INFO", form="json")
    structlog.get_logger("ours").info("one\ntwo", rows=3)
    (line,) = capsys.readouterr().err.splitlines()

    assert (json.loads(line)["event"], json.loads(line)["rows"]) == ("one\\ntwo", 3)
