"""Structured logs on stderr, with everything that looks like a secret or a person struck out."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from maverick_core.kernel.masking import masked


def scrub(text: str) -> str:
    """Return ``text`` on one line, without e-mail addresses and tokens."""
    return masked(text).replace("\r", "\\r").replace("\n", "\\n")


def _scrubbed(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {key: _scrubbed_value(key, value) for key, value in event.items()}


def _scrubbed_value(key: str, value: object) -> object:
    if isinstance(value, int | float | None):
        return value
    text = str(value)
    if key == "exception":
        # Set in, so that no line of it can pass for a record of its own.
        return "\n".join(f"    {scrub(line)}" for line in text.splitlines())
    return scrub(text)


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
    handler = logging.StreamHandler(sys.stderr)
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
    # httpx logs every URL at INFO; what matters of a request is recorded with its batch.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
