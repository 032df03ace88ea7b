"""Where the month will end: pace, run rate and the stage that binds.

The rule (pages.md 3.3): the rate is the mean of the working days that are over, at least three of
them; the interval takes their spread as normal, because a seeded bootstrap would be a random draw
in a pure core and the two agree for more than a handful of days. Laws that hold and are tested:
more uploaded never lowers the forecast; a reached target is reached with certainty; the forecast is
never below what is uploaded nor above what the supply of verified contacts and the target, which is
a hard cap, allow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import erf, sqrt
from typing import Final

from maverick_core.kernel.time import Month
from maverick_core.targets.rules import TargetAccount

_ENOUGH_DAYS: Final = 3
_EIGHTY_PERCENT: Final = 1.2815515655446  # standard deviations to either side of the mean
_ON_PACE: Final = 0.8
_AT_RISK: Final = 0.4


class Outlook(StrEnum):
    """The verdict that a person reads first."""

    NO_TARGET = "no_target"
    REACHED = "reached"
    TOO_EARLY = "too_early"
    ON_PACE = "on_pace"
    AT_RISK = "at_risk"
    WILL_MISS = "will_miss"
    SHORT_OF_CONTACTS = "short_of_contacts"
    """Not enough verified contacts, whatever the rate."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Contacts at the end of the month. ``expected`` and its 80 % range are None when too early.

    ``even_pace`` is where an even spread over the working days would be by now. ``short_of`` is how
    many verified contacts are missing for the target.
    """

    outlook: Outlook
    even_pace: int
    expected: int | None = None
    low: int | None = None
    high: int | None = None
    likelihood: float | None = None
    short_of: int = 0


def forecast(
    account: TargetAccount,
    uploads: Mapping[date, int],
    *,
    month: Month,
    today: date,
    supply: int,
) -> Forecast:
    """Say where ``month`` will end.

    ``uploads`` are contacts by local day, ``supply`` the verified contacts that no batch has yet.
    """
    even_pace = _even_pace(account, month, today)
    if account.target is None:
        return Forecast(Outlook.NO_TARGET, even_pace)
    if not account.remaining:
        done = account.uploaded
        return Forecast(Outlook.REACHED, even_pace, done, done, done, 1.0)
    most = account.uploaded + account.reserved + supply
    short_of = max(0, account.target - most)
    over = [day for day in month.working_days if day < today]
    left = sum(1 for day in month.working_days if day >= today)
    if len(over) < _ENOUGH_DAYS:
        outlook = Outlook.SHORT_OF_CONTACTS if short_of else Outlook.TOO_EARLY
        return Forecast(outlook, even_pace, short_of=short_of)
    daily = [uploads.get(day, 0) for day in over]
    # What weekends and today brought in counts too: as one more day, in the rate and the spread.
    days = [*daily, max(0, account.uploaded - sum(daily))]
    mean = sum(days) / len(days)
    rate = max(sum(daily) / len(daily), mean)
    end = account.uploaded + rate * left
    spread = sqrt(sum((day - mean) ** 2 for day in days) / len(days) * left)
    likelihood = 0.0 if short_of else _likelihood(account.target, end, spread)
    margin = _EIGHTY_PERCENT * spread
    low, expected, high = (
        min(most, account.target, max(account.uploaded, round(value)))
        for value in (end - margin, end, end + margin)
    )
    outlook = Outlook.SHORT_OF_CONTACTS if short_of else _outlook(likelihood)
    return Forecast(outlook, even_pace, expected, low, high, likelihood, short_of)


def _even_pace(account: TargetAccount, month: Month, today: date) -> int:
    days = month.working_days
    return (account.target or 0) * sum(1 for day in days if day <= today) // len(days)


def _likelihood(target: int, end: float, spread: float) -> float:
    if not spread:
        return 1.0 if end >= target else 0.0
    return round((1 + erf((end - target) / (spread * sqrt(2)))) / 2, 4)


def _outlook(likelihood: float) -> Outlook:
    if likelihood >= _ON_PACE:
        return Outlook.ON_PACE
    return Outlook.AT_RISK if likelihood >= _AT_RISK else Outlook.WILL_MISS
