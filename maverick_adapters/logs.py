"""Structured logs on stderr, with everything that looks like a secret or a person struck out."""

from __future__ import annotations

import logging
import re
import sys
from types import TracebackType
from typing import Any, Final, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from maverick_core.kernel.masking import masked

# What ends a line somewhere, or tells a terminal to do something.
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def scrub(text: str) -> str:
    """Return ``text`` on one line, without e-mail addresses and tokens."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), masked(text))


def _scrubbed(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {scrub(key): _scrubbed_value(key, value) for key, value in event.items()}


def _scrubbed_value(key: str, value: object) -> object:
    if isinstance(value, int | float | None):
        return value
    text = str(value)
    if key == "exception":
        # Set in, so that no line of it can pass for a record of its own.
        return "\n".join(f"    {scrub(line)}" for line in text.splitlines())
    return scrub(text)


class _Handler(logging.StreamHandler[TextIO]):
    """Says that a record could not be logged, but not, as logging itself would, what it held."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        if record.name != __name__:  # else not even this can be said
            told = {"name": __name__, "levelname": "ERROR", "msg": "a record could not be logged"}
            self.emit(logging.makeLogRecord({**told, "levelno": logging.ERROR}))


def _log_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Log the error that ends the program; Python's own words for it would quote anybody's data."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger(__name__).critical("unexpected", exc_info=(kind, error, trace))


def configure_logs(*, level: str, form: str) -> None:
    """Send this process's logs, ours and the libraries', to stderr at ``level``."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    render: Any = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    handler = _Handler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _scrubbed,
                render,
            ],
        )
    )
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    sys.excepthook = _log_uncaught
    # httpx logs every URL at INFO; what matters of a request is recorded with its batch.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
