"""The account of a month, and the laws of its forecast."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from maverick_core.kernel.errors import Rejected
from maverick_core.kernel.time import Month
from maverick_core.targets.forecast import Forecast, Outlook, forecast
from maverick_core.targets.rules import MAX_TARGET, TargetAccount, check_target

NOVEMBER = Month(2026, 11)
DAYS = [*NOVEMBER.days, date(2026, 12, 1)]
contacts = st.integers(0, 2_000)


@st.composite
def months(draw: st.DrawFn) -> tuple[TargetAccount, dict[date, int], date, int]:
    """Return an account, what was uploaded on which day, today, and the supply."""
    today = draw(st.sampled_from(DAYS))
    past = [day for day in NOVEMBER.days if day <= today]
    uploads = draw(st.dictionaries(st.sampled_from(past), st.integers(0, 300)))
    account = TargetAccount(
        target=draw(st.none() | contacts),
        uploaded=sum(uploads.values()),
        reserved=draw(contacts),
    )
    return account, uploads, today, draw(contacts)


def outlook_of(
    account: TargetAccount, uploads: dict[date, int], today: date, supply: int
) -> Forecast:
    return forecast(account, uploads, month=NOVEMBER, today=today, supply=supply)


@given(st.none() | contacts, contacts, contacts)
def test_room_and_what_is_committed_never_pass_the_target(
    target: int | None, uploaded: int, reserved: int
) -> None:
    """Planning into all the room there is reaches the target exactly, and never passes it."""
    account = TargetAccount(target, uploaded=uploaded, reserved=reserved)
    full = replace(account, reserved=reserved + account.room)

    assert account.room >= 0
    assert full.room == 0
    assert uploaded + full.reserved <= max(target or 0, uploaded + reserved)
    assert account.room <= account.remaining == max(0, (target or 0) - uploaded)


@given(st.integers())
def test_a_target_is_from_nothing_to_the_largest(number: int) -> None:
    """Zero means that nothing is to be uploaded; below it and absurdly large are refused."""
    if 0 <= number <= MAX_TARGET:
        assert check_target(number) == number
    else:
        with pytest.raises(Rejected):
            check_target(number)


@given(months())
def test_a_forecast_stays_between_what_is_done_and_what_can_be(
    month: tuple[TargetAccount, dict[date, int], date, int],
) -> None:
    """Never below what is uploaded, never above the supply; low <= expected <= high."""
    account, _, _, supply = month
    seen = outlook_of(*month)
    assume(seen.expected is not None)
    assert seen.low is not None
    assert seen.expected is not None
    assert seen.high is not None

    assert account.uploaded <= seen.low <= seen.expected <= seen.high
    assert seen.high <= account.uploaded + account.reserved + supply
    assert seen.high <= max(account.target or 0, account.uploaded), "the target is a hard cap"
    assert seen.likelihood is not None
    assert 0 <= seen.likelihood <= 1


@given(months())
def test_a_reached_target_is_reached_with_certainty(
    month: tuple[TargetAccount, dict[date, int], date, int],
) -> None:
    """What is counted cannot be lost again, so there is nothing left to guess."""
    account, uploads, today, supply = month
    seen = outlook_of(replace(account, target=account.uploaded), uploads, today, supply)

    assert seen.outlook is Outlook.REACHED
    assert seen.likelihood == 1
    assert seen.expected == account.uploaded


@given(months(), st.integers(1, 500), st.data())
def test_more_uploaded_never_lowers_the_forecast(
    month: tuple[TargetAccount, dict[date, int], date, int], more: int, data: st.DataObject
) -> None:
    """A good day is good news: the expectation does not fall when contacts get through."""
    account, uploads, today, supply = month
    assume(account.reserved >= more)
    day = data.draw(st.sampled_from([day for day in NOVEMBER.days if day <= today]))
    better = replace(account, uploaded=account.uploaded + more, reserved=account.reserved - more)

    before = outlook_of(account, uploads, today, supply)
    after = outlook_of(better, uploads | {day: uploads.get(day, 0) + more}, today, supply)

    if before.expected is not None:
        assert after.expected is not None
        assert after.expected >= before.expected


@given(months())
def test_what_is_short_is_what_no_rate_can_make_up_for(
    month: tuple[TargetAccount, dict[date, int], date, int],
) -> None:
    """Verified contacts bind: with that many more the target could be met, with fewer not."""
    account, uploads, today, supply = month
    seen = outlook_of(*month)
    assume(account.target is not None and account.remaining)

    assert seen.short_of == max(
        0, (account.target or 0) - account.uploaded - account.reserved - supply
    )
    assert (seen.outlook is Outlook.SHORT_OF_CONTACTS) == bool(seen.short_of)
    enough = outlook_of(account, uploads, today, supply + seen.short_of)
    assert enough.short_of == 0


@given(months())
def test_the_even_pace_is_nothing_before_the_month_and_the_target_after_it(
    month: tuple[TargetAccount, dict[date, int], date, int],
) -> None:
    """An even spread over the working days, rounded down."""
    account, uploads, today, supply = month
    pace = outlook_of(account, uploads, today, supply).even_pace

    assert 0 <= pace <= (account.target or 0)
    assert outlook_of(account, uploads, date(2026, 10, 31), supply).even_pace == 0
    assert outlook_of(account, uploads, date(2026, 12, 1), supply).even_pace == (
        account.target or 0
    )
