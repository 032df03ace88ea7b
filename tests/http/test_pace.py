"""How often a key may ask, and an address guess (checklist 23)."""

from __future__ import annotations

from typing import Any

import pytest

from maverick_adapters.memory import ManualClock, MemoryStore
from maverick_core.access.rules import Role
from tests.http.house import House
from tests.services.redis import RedisServer

LIST = "/api/v1/workspaces"
BAD = "mav_live_" + "x" * 43


def house(**settings: Any) -> House:
    clock = ManualClock()
    return House(MemoryStore(clock), clock, **settings)


def statuses(house: House, count: int, **asked: Any) -> list[int]:
    return [house.ask("GET", LIST, **asked).status_code for _ in range(count)]


def test_a_key_that_asks_too_often_is_told_when_to_come_back() -> None:
    """Every answer says how it stands; another key has its own pace."""
    busy = house(http_requests_per_minute=3)
    first = busy.ask("GET", LIST)
    busy.ask("GET", LIST)
    busy.ask("GET", LIST)
    refused = busy.ask("GET", LIST)
    other = busy.ask("GET", LIST, key=busy.key(Role.VIEWER))

    assert first.headers["RateLimit-Policy"] == '"key";q=3;w=60'
    assert first.headers["RateLimit"].startswith('"key";r=2;t=')
    assert (refused.status_code, refused.json["code"]) == (429, "too_many_requests")
    assert refused.headers["RateLimit"].startswith('"key";r=0;t=')
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.json["retry_after"] == int(refused.headers["Retry-After"])
    assert other.status_code == 200


def test_an_address_that_guesses_keys_is_told_to_wait() -> None:
    """What needs no key is answered all the same."""
    guessed = house(http_guesses_per_minute=2)

    assert statuses(guessed, 3, key=BAD) == [401, 401, 429]
    assert statuses(guessed, 1, key=None) == [429]
    assert guessed.ask("GET", "/healthz", key=None).status_code == 200


def test_a_good_key_is_let_in_whoever_else_guesses_from_its_address() -> None:
    """Behind a proxy that is not named, or an office's router, all have the same one."""
    guessed = house(http_guesses_per_minute=1)
    shut_out = statuses(guessed, 3, key=BAD)

    assert shut_out == [401, 429, 429]
    assert statuses(guessed, 2) == [200, 200]


@pytest.mark.parametrize(("trusted", "told"), [("", 1), ("127.0.0.0/8", 0)])
def test_a_proxy_that_is_not_named_is_told_of_once(
    trusted: str, told: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the log, with what to set; a proxy that is named says nothing new."""
    behind = house(http_trusted_proxies=trusted)
    statuses(behind, 2)
    statuses(behind, 3, X_Forwarded_For="203.0.113.7")

    assert capsys.readouterr().out.count("MAVERICK_HTTP_TRUSTED_PROXIES") == told


def test_who_guesses_behind_a_trusted_proxy_is_told_from_who_does_not() -> None:
    """By what the proxy adds at the end of ``X-Forwarded-For``, not by what the client wrote."""
    behind = house(http_guesses_per_minute=1, http_trusted_proxies="127.0.0.0/8")
    guesser = {"X_Forwarded_For": "198.51.100.1, 203.0.113.7"}

    assert statuses(behind, 2, key=BAD, **guesser) == [401, 429]
    assert statuses(behind, 1, key=BAD, X_Forwarded_For="203.0.113.7, 203.0.113.8") == [401]
    assert statuses(behind, 1, key=BAD, X_Forwarded_For="192.0.2.1, 203.0.113.7") == [429]


def test_what_a_stranger_says_of_where_it_comes_from_counts_for_nothing() -> None:
    """Without a trusted proxy, every new ``X-Forwarded-For`` would be a new life."""
    plain = house(http_guesses_per_minute=2)
    tried = [
        statuses(plain, 1, key=BAD, X_Forwarded_For=f"203.0.113.{number}") for number in range(3)
    ]

    assert tried == [[401], [401], [429]]


def test_two_processes_share_a_limit_on_redis(redis_server: RedisServer) -> None:
    """Three requests here and three there are six."""
    settings: dict[str, Any] = {"redis_url": redis_server.url, "http_requests_per_minute": 4}
    clock = ManualClock()
    store = MemoryStore(clock)
    one, other = House(store, clock, **settings), House(store, clock, **settings)
    key = one.key()
    asked = statuses(one, 3, key=key) + statuses(other, 3, key=key)

    assert asked == [200, 200, 200, 200, 429, 429]


def test_without_an_answer_of_redis_each_process_counts_alone(redis_server: RedisServer) -> None:
    """The limiter is neither the reason that nobody gets in nor that everybody does."""
    redis_server.stop()
    alone = house(redis_url=redis_server.url, http_requests_per_minute=2)

    assert statuses(alone, 3) == [200, 200, 429]
