"""When to try again: bounded, spread, and obedient to what the destination asks for."""

from math import inf, isnan, nan

from hypothesis import example, given
from hypothesis import strategies as st

from maverick_core.retry import Backoff, GiveUp, Retry, RetryPolicy, Trouble

troubles = st.sampled_from(Trouble)
draws = st.floats(0, 1, exclude_max=True)
backoffs = st.builds(
    Backoff,
    tries=st.integers(1, 50),
    first_seconds=st.floats(0.001, 60),
    cap_seconds=st.floats(0.001, 600),
)
policies = st.builds(
    RetryPolicy, st.fixed_dictionaries(dict.fromkeys(Trouble, backoffs))
) | st.just(RetryPolicy())


@given(policies, troubles, st.integers(1, 1_000_000), draws)
def test_it_gives_up_after_so_many_tries_and_never_before(
    policy: RetryPolicy, trouble: Trouble, tries: int, draw: float
) -> None:
    """``tries`` in all, the first one included."""
    verdict = policy.decide(trouble, tries=tries, retry_after=None, draw=draw)

    assert isinstance(verdict, GiveUp) == (tries >= policy.backoffs[trouble].tries)


@given(policies, troubles, st.integers(1, 49), draws)
def test_a_wait_stays_between_half_of_it_and_the_cap(
    policy: RetryPolicy, trouble: Trouble, tries: int, draw: float
) -> None:
    """Jitter spreads over half of the wait, and no wait passes the cap."""
    backoff = policy.backoffs[trouble]
    verdict = policy.decide(trouble, tries=tries, retry_after=None, draw=draw)
    if isinstance(verdict, GiveUp):
        return

    whole = min(backoff.first_seconds * 2 ** (tries - 1), backoff.cap_seconds)
    assert whole / 2 <= verdict.after_seconds <= whole <= backoff.cap_seconds


@given(policies, troubles, st.integers(1, 48), draws, draws)
def test_waits_grow(
    policy: RetryPolicy, trouble: Trouble, tries: int, draw: float, later_draw: float
) -> None:
    """The next wait is never shorter with the same draw, and longer draws wait longer."""
    now = policy.decide(trouble, tries=tries, retry_after=None, draw=draw)
    then = policy.decide(trouble, tries=tries + 1, retry_after=None, draw=draw)
    other = policy.decide(trouble, tries=tries, retry_after=None, draw=later_draw)

    if isinstance(now, Retry) and isinstance(then, Retry):
        assert now.after_seconds <= then.after_seconds
    if isinstance(now, Retry) and isinstance(other, Retry):
        assert (now.after_seconds <= other.after_seconds) or later_draw < draw


@given(policies, troubles, st.integers(1, 48), draws, st.floats(allow_nan=True))
@example(RetryPolicy(), Trouble.LIMITED, 1, 0.0, nan)
@example(RetryPolicy(), Trouble.LIMITED, 1, 0.0, inf)
@example(RetryPolicy(), Trouble.LIMITED, 1, 0.0, -1.0)
@example(RetryPolicy(), Trouble.LIMITED, 1, 0.0, 0.0)
def test_what_the_destination_asks_for_is_obeyed_up_to_the_cap(
    policy: RetryPolicy, trouble: Trouble, tries: int, draw: float, asked: float
) -> None:
    """Without jitter and without end; "at once" and nonsense count as if nothing was said."""
    cap = policy.backoffs[trouble].cap_seconds
    verdict = policy.decide(trouble, tries=tries, retry_after=asked, draw=draw)
    if isinstance(verdict, GiveUp):
        return

    assert 0 <= verdict.after_seconds <= cap
    if 0 < asked <= cap:
        assert verdict.after_seconds == asked
    if isnan(asked) or asked <= 0:
        assert verdict == policy.decide(trouble, tries=tries, retry_after=None, draw=draw)


def test_the_default_policy_is_the_documented_one() -> None:
    """Three tries for an outage or a lost answer; rate limiting may go on for half an hour."""
    backoffs = RetryPolicy().backoffs

    assert {trouble: backoffs[trouble].tries for trouble in Trouble} == {
        Trouble.LIMITED: 20,
        Trouble.UNAVAILABLE: 3,
        Trouble.LOST: 3,
    }
