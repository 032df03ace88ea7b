"""Messages for who has no Slack: into this process's log."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import structlog

from maverick_core.notifications.answers import Arrived, LookAnswer, Refused

_FORGETS: Final = Refused(
    "console_forgets", "It went to the log of a worker that died; nobody can look there from here."
)

_log = structlog.get_logger(__name__)


class ConsoleSink:
    """Satisfies ``MessageSink``: a message is a warning in the log, and gone."""

    def post(self, text: str, tag: str) -> Arrived:
        """Log the message on one line."""
        del tag
        _log.warning("incident", what=text.replace("\n", " "))
        return Arrived("log")

    def look(self, text: str, tag: str, *, since: datetime) -> LookAnswer:
        """Say that nobody knows."""
        del text, tag, since
        return _FORGETS

    def introduce(self) -> str:
        """Say where messages go."""
        return "the log (MAVERICK_SLACK_TOKEN is not set)"
