"""The relay carries whatever is announced, whoever works it off."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from maverick_adapters.container import Wired, wire
from maverick_adapters.settings import load_settings
from maverick_adapters.sql import upgrade
from maverick_adapters.sql.tables import idempotency_keys, outbox, sources
from maverick_adapters.vault import Vault
from maverick_core.access.replays import ANSWERS_KEPT
from maverick_core.access.rules import Role
from maverick_core.jobs.rules import (
    LOST_AFTER,
    UPLOAD_ACTOR,
    UPLOAD_QUEUE,
    JobState,
    Message,
)
from maverick_core.operations.rules import ACTORS, OperationKind
from maverick_core.pipeline.onward.rules import Asked
from maverick_core.pipeline.scraping.source import parse_source
from maverick_core.pipeline.stages import Stage
from maverick_core.topology.queues import QUEUES
from maverick_core.topology.routes import queue_of
from maverick_core.workspaces.rules import new_workspace
from maverick_runners.lifeline import StopWish
from maverick_runners.relay import Relay
from tests.services.redis import RedisServer


class OneRound(StopWish):
    """Wants to stop after one round."""

    def __init__(self) -> None:
        self.times = -1

    def __bool__(self) -> bool:
        self.times += 1
        return self.times > 0


@contextmanager
def relayed(redis: RedisServer, folder: Path, **more: object) -> Iterator[Wired]:
    """Wire an empty database of its own, with a Redis to carry to."""
    settings = load_settings(
        _env_file=None,
        database_url=f"sqlite:///{folder}/relay.db",
        redis_url=redis.url,
        secret_key=Vault.new_key(),
        **more,
    )
    with wire(settings) as wired:
        upgrade(wired.engine)
        yield wired


@pytest.mark.parametrize("queue", QUEUES)
def test_an_announcement_for_any_queue_is_carried_and_so_is_the_next(
    queue: str, redis_server: RedisServer, tmp_path: Path
) -> None:
    """Its workers may be elsewhere, or of a version to come; what is behind it must not wait."""
    with relayed(redis_server, tmp_path) as wired, redis_server.client() as client:
        with wired.engine.begin() as connection:
            for number, (to, actor) in enumerate([(queue, "a.b"), (UPLOAD_QUEUE, UPLOAD_ACTOR)]):
                row = {"queue": to, "actor": actor, "arg": number, "dedupe": f"key {number}"}
                connection.execute(insert(outbox), row | {"created_at": wired.clock.now()})

        Relay(wired).run(OneRound())

        told = {name: client.hlen(f"maverick:{name}.msgs") for name in {queue, UPLOAD_QUEUE}}
        assert sum(map(int, told.values())) == 2
        assert all(told.values())


def test_a_source_that_cannot_be_read_keeps_nothing_else_from_being_asked_for_and_carried(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    """Its description was written under other rules, or by hand."""
    with (
        relayed(redis_server, tmp_path, pipeline_automatic=True) as wired,
        redis_server.client() as client,
    ):
        acme, now = wired.store.add_workspace(new_workspace("acme", "UTC")), wired.clock.now()
        for name in ("bad", "good"):
            source = parse_source({"name": name, "start": ["https://directory.example/"]})
            wired.store.put_source(acme.id, source, by="pat", at=now)
        with wired.engine.begin() as connection:
            bad = update(sources).where(sources.c.name == "bad")
            connection.execute(bad.values(description='{"name": "bad", "start": ["nowhere"]}'))

        Relay(wired).run(OneRound())

        [asked] = wired.store.open_operations()
        assert (asked.kind, asked.arguments["source"]) == (OperationKind.RUN_SOURCE, "good")
        assert int(client.hlen(f"maverick:{queue_of(ACTORS[asked.kind])}.msgs")) == 1
        answers = wired.ask_stages("acme", [Stage.SCRAPING], by="pat")
        assert {each.about: each.asked for each in answers} == {
            "bad": Asked.CANNOT,
            "good": Asked.UNDER_WAY,
        }
        assert answers[0].why.startswith("start")


def test_answers_that_are_not_given_again_are_forgotten(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    """Nobody else deletes them, and every request with a key of its own leaves one."""
    with relayed(redis_server, tmp_path) as wired:
        key = wired.create_key("portal", Role.OPERATOR).key
        now = wired.clock.now()
        for name, at in (("old", now - ANSWERS_KEPT - timedelta(minutes=1)), ("new", now)):
            wired.store.begin_request(key.id, name, b"asked", at=at)

        Relay(wired).run(OneRound())

        with wired.engine.connect() as connection:
            left = connection.execute(select(idempotency_keys.c.idempotency_key)).scalars().all()
        assert left == ["new"]


def test_jobs_that_nothing_is_heard_of_are_found_lost(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    """Else they would be shown as queued for good."""
    with relayed(redis_server, tmp_path) as wired:
        a_day = LOST_AFTER[JobState.STARTED]
        for age in (a_day + timedelta(minutes=1), a_day - timedelta(minutes=1)):
            at = wired.clock.now() - age
            message = Message(f"m-{age.days}", UPLOAD_QUEUE, UPLOAD_ACTOR, 1, at)
            wired.store.job_started(message, worker="gone", at=at)

        Relay(wired).run(OneRound())

        states = {job.message_id: job.state for job in wired.store.jobs()}
        assert states == {"m-1": JobState.FAILED, "m-0": JobState.STARTED}


def test_a_fresh_list_of_disposable_domains_is_asked_for(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    """Else only people would ever refresh it."""
    with relayed(
        redis_server, tmp_path, disposable_domains_url="https://lists.example/domains.txt"
    ) as wired:
        for _ in range(2):
            Relay(wired).run(OneRound())

        asked = [each.kind for each in wired.store.open_operations()]
        assert asked == [OperationKind.REFRESH_DISPOSABLE]
