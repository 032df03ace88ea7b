"""Incidents on Redis, as real processes: the worker on ``notifications`` tells people, once."""

from __future__ import annotations

from pathlib import Path

from contracts.messengers import CHANNEL
from contracts.messengers import TOKEN as SLACK_TOKEN
from contracts.slack.stub import SlackStub, serve
from maverick_core.notifications.rules import SEND_QUEUE, NotificationState
from tests.e2e.desk import TOKEN
from tests.e2e.stage import Stage, stage_on, wait_for
from tests.services.redis import RedisServer


def test_workers_tell_of_a_refused_token_once(redis_server: RedisServer, tmp_path: Path) -> None:
    """Eight batches wait for it."""
    slack = SlackStub()
    slack.add_bot(SLACK_TOKEN)
    slack.add_channel(CHANNEL)
    with serve(slack) as server:
        more = {
            "slack_token": SLACK_TOKEN,
            "slack_channel": CHANNEL,
            "slack_url": f"{server.url}/api/",
            "sweep_patience_seconds": "2",
        }
        with stage_on(
            redis_server,
            tmp_path,
            f"sqlite:///{tmp_path}/desk.db",
            contacts=80,
            batch_size=10,
            more=more,
        ) as stage:
            stage.stub.revoke(TOKEN)
            with stage.up():
                stage.plan()
                wait_for(lambda: _told(stage) == [NotificationState.SENT])
            [job] = [job for job in stage.jobs() if job.queue == SEND_QUEUE]

    [text] = slack.texts(CHANNEL)
    assert text.startswith("Email Bison refuses the token of acme.")
    assert (job.arg, job.code) == (1, "arrive")


def _told(stage: Stage) -> list[NotificationState]:
    return [each.state for each in stage.wired.store.notifications(limit=9)]
