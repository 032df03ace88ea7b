"""Months belong to a time zone; any instant falls into exactly one of each zone's."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maverick_core.kernel.errors import Rejected
from maverick_core.kernel.time import Month, zone
from maverick_core.pipeline.batching.rules import plannable_month

UTC_ZONE = ZoneInfo("UTC")
ZONES = sorted(available_timezones())
zones = st.sampled_from(ZONES).map(ZoneInfo)
instants = st.datetimes(datetime(2001, 1, 1), datetime(2199, 11, 30), timezones=st.just(UTC))  # noqa: DTZ001
months = st.builds(Month, st.integers(2000, 2199), st.integers(1, 12))


@given(instants, zones)
def test_an_instant_falls_into_the_month_that_the_wall_shows(
    instant: datetime, where: ZoneInfo
) -> None:
    """The month is the local one, at most a day's offset away from the one in UTC."""
    month = Month.of(instant, where)

    local = instant.astimezone(where)
    assert str(month) == local.strftime("%Y-%m")
    assert Month.of(instant - timedelta(days=1), UTC_ZONE) <= month
    assert month <= Month.of(instant + timedelta(days=1), UTC_ZONE)


@given(instants, zones, st.timedeltas(timedelta(0), timedelta(days=40)))
def test_months_never_go_back(instant: datetime, where: ZoneInfo, later: timedelta) -> None:
    """Whatever summer time does, a later instant is in the same month or a later one."""
    assert Month.of(instant, where) <= Month.of(instant + later, where)


@pytest.mark.parametrize("name", ZONES)
def test_every_zone_turns_its_month_at_its_own_midnight(name: str) -> None:
    """The last second of October is October and the first of November is November, everywhere."""
    where = zone(name)
    midnight = datetime(2026, 11, 1, tzinfo=where).astimezone(UTC)

    assert str(Month.of(midnight, where)) == "2026-11"
    assert str(Month.of(midnight - timedelta(seconds=1), where)) == "2026-10"


@given(months)
def test_a_month_is_read_as_it_is_written(month: Month) -> None:
    """``YYYY-MM`` is the one spelling, and it sorts as months do."""
    assert Month.parse(str(month)) == month
    assert str(month) < str(month.next())
    assert month < month.next()


@given(st.text() | st.from_regex(r"\d{1,5}-\d{1,3}", fullmatch=True))
def test_what_is_not_a_month_is_refused(text: str) -> None:
    """No other text is read as a month, and none breaks the reader."""
    with suppress(Rejected):
        assert str(Month.parse(text)) == text


@given(months)
def test_the_days_of_a_month_are_its_own(month: Month) -> None:
    """In order, all of them, none of the next; the working ones are five of seven."""
    days = month.days

    assert days[0].day == 1
    assert [day.toordinal() - days[0].toordinal() for day in days] == list(range(len(days)))
    assert (days[-1] + timedelta(days=1)).day == 1
    assert {day.weekday() for day in month.working_days} == set(range(5))
    assert 20 <= len(month.working_days) <= 23


@given(st.text())
def test_what_is_not_a_zone_is_refused(text: str) -> None:
    """A name, a path or nonsense: refused with a code, never read from the disk."""
    with suppress(Rejected):
        assert zone(text).key == text


@given(instants, zones, st.integers(-3, 3))
def test_only_a_month_that_is_not_over_there_can_be_planned(
    now: datetime, where: ZoneInfo, offset: int
) -> None:
    """The present month of the workspace's own zone and later ones."""
    current = Month.of(now, where)
    index = current.year * 12 + current.number - 1 + offset
    month = Month(index // 12, index % 12 + 1)

    if offset < 0:
        with pytest.raises(Rejected):
            plannable_month(month, now=now, zone=where)
    else:
        assert plannable_month(month, now=now, zone=where) is month
