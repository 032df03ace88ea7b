"""Instants come from a clock, months belong to a time zone."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from maverick_core.kernel.errors import Rejected

_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


class Clock(Protocol):
    """Tells the present instant; the only way time enters a use case."""

    def now(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        ...


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month, the period that a target is set for. Written ``YYYY-MM``."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Month:
        """Read ``YYYY-MM``.

        Raises:
            Rejected: the text is not a month between 2000-01 and 2199-12.

        """
        match = _MONTH.fullmatch(text)
        if match:
            year, number = int(match[1]), int(match[2])
            if 2000 <= year <= 2199 and 1 <= number <= 12:  # noqa: PLR2004 - the calendar
                return cls(year, number)
        raise Rejected(
            f"{text!r} is not a month.",
            code="bad_month",
            remedy="Write it as YYYY-MM, for example 2026-11.",
        )

    @classmethod
    def of(cls, instant: datetime, zone: ZoneInfo) -> Month:
        """Return the month that ``instant`` falls in for somebody who lives in ``zone``."""
        local = instant.astimezone(zone)
        return cls(local.year, local.month)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    @property
    def days(self) -> tuple[date, ...]:
        """Every day of the month, in order."""
        last = calendar.monthrange(self.year, self.number)[1]
        return tuple(date(self.year, self.number, day) for day in range(1, last + 1))

    @property
    def working_days(self) -> tuple[date, ...]:
        """Monday to Friday; public holidays are not known here."""
        return tuple(day for day in self.days if day.weekday() < calendar.SATURDAY)

    def next(self) -> Month:
        """Return the month after this one."""
        if self.number == 12:  # noqa: PLR2004 - the calendar
            return Month(self.year + 1, 1)
        return Month(self.year, self.number + 1)


def zone(name: str) -> ZoneInfo:
    """Return the IANA time zone called ``name``, such as ``America/New_York``.

    Raises:
        Rejected: there is no such zone.

    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Rejected(
            f"{name!r} is not a time zone.",
            code="bad_timezone",
            remedy="Use an IANA name, for example America/New_York or Europe/Berlin.",
        ) from error
