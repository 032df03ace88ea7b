"""Wrong drivers of an upload, each with one plausible mistake, for the laws to catch."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.machines.weather import SimulatedFlights
from maverick_core.pipeline.upload.answers import Answer, Limited, Lost, Refused, Unavailable


class TimeOutIsReject(SimulatedFlights):
    """Takes silence for a no."""

    def landed(self, timeout_seconds: float) -> Sequence[tuple[int, Answer]]:
        """Turn what was lost into a refusal."""
        return [
            (request, Refused("no answer") if isinstance(answer, Lost) else answer)
            for request, answer in super().landed(timeout_seconds)
        ]


class OutageIsLimit(SimulatedFlights):
    """Takes a server error for "nothing was taken"."""

    def landed(self, timeout_seconds: float) -> Sequence[tuple[int, Answer]]:
        """Turn trouble into a polite "later"."""
        return [
            (request, Limited() if isinstance(answer, Lost | Unavailable) else answer)
            for request, answer in super().landed(timeout_seconds)
        ]
