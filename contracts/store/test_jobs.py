"""``JobLog``: the life of each message, so that "why" never depends on the broker."""

from __future__ import annotations

from datetime import timedelta

from contracts.store.site import Site
from maverick_core.jobs.rules import WHY_LOST, Job, JobState, Message
from maverick_core.jobs.service import SettleLostJobs

QUEUE = "bison_uploads"


def message(site: Site, name: str = "m-1", queue: str = QUEUE) -> Message:
    """Return a message of this moment."""
    return Message(name, queue, "email_bison.upload_batch", 42, site.clock.now())


def start(site: Site, each: Message, worker: str = "worker-1") -> None:
    """Start it now."""
    site.record.job_started(each, worker=worker, at=site.clock.now())


def end(site: Site, name: str, state: JobState, code: str = "", detail: str = "") -> None:
    """End it now."""
    site.record.job_ended(name, state, code=code, detail=detail, at=site.clock.now())


def test_a_job_comes_back_as_it_went(site: Site) -> None:
    """Who had it, when, and how it ended."""
    each = message(site)
    site.clock.advance(2)
    started = site.clock.now()
    start(site, each)
    site.clock.advance(3)
    end(site, each.id, JobState.FINISHED, "finish", "All sent.")

    [job] = site.record.jobs()
    assert job == Job(
        message_id="m-1",
        queue=QUEUE,
        actor="email_bison.upload_batch",
        arg=42,
        state=JobState.FINISHED,
        worker="worker-1",
        attempts=1,
        queued_at=each.queued_at,
        started_at=started,
        finished_at=site.clock.now(),
        code="finish",
        detail="All sent.",
    )


def test_a_message_that_comes_again_is_the_same_job(site: Site) -> None:
    """Attempts count up, and the end of the attempt before is gone."""
    each = message(site)
    start(site, each)
    end(site, each.id, JobState.FAILED, "OSError")
    start(site, each, "worker-2")

    [job] = site.record.jobs()
    assert (job.state, job.attempts, job.worker) == (JobState.STARTED, 2, "worker-2")
    assert (job.code, job.finished_at) == ("", None)


def test_the_end_of_an_unknown_job_is_ignored(site: Site) -> None:
    """Its record was forgotten, or it never started."""
    end(site, "nobody", JobState.FAILED)

    assert site.record.jobs() == []


def test_jobs_are_listed_by_state_and_queue_the_last_queued_first(site: Site) -> None:
    """As many as are asked for."""
    for name, queue in (("m-1", QUEUE), ("m-2", QUEUE), ("m-3", "batching")):
        start(site, message(site, name, queue))
        site.clock.advance(1)
    end(site, "m-1", JobState.FINISHED)

    def names(**asked: object) -> list[str]:
        return [job.message_id for job in site.record.jobs(**asked)]  # type: ignore[arg-type]

    assert names() == ["m-3", "m-2", "m-1"]
    assert names(limit=1) == ["m-3"]
    assert names(queue=QUEUE) == ["m-2", "m-1"]
    assert names(state=JobState.FINISHED) == ["m-1"]


def test_jobs_that_ended_long_ago_are_forgotten(site: Site) -> None:
    """What has not ended stays."""
    start(site, message(site, "m-1"))
    start(site, message(site, "m-2"))
    end(site, "m-1", JobState.FINISHED)
    site.clock.advance(60)

    assert site.record.forget_jobs(before=site.clock.now() - timedelta(seconds=1)) == 1
    assert [job.message_id for job in site.record.jobs()] == ["m-2"]


def settle(site: Site) -> int:
    """Look for what nothing was heard of for a minute."""
    now = site.clock.now()
    then = now - timedelta(minutes=1)
    before = {JobState.QUEUED: then, JobState.STARTED: then}
    return site.record.settle_lost_jobs(before=before, at=now)


def queue(site: Site) -> str:
    """Announce a batch, tell it, and return the message's id."""
    site.batch(f"pat-{len(site.record.jobs())}")
    [announcement] = site.record.take_announcements(limit=1, hold_seconds=30)
    site.record.announcements_sent({announcement.id: f"queued-{announcement.id}"})
    return f"queued-{announcement.id}"


def test_a_job_of_which_nothing_is_heard_is_lost_and_says_so(site: Site) -> None:
    """Its message never came, or its worker never ended; what ended stays as it ended."""
    queued = queue(site)
    start(site, message(site, "m-1"))
    start(site, message(site, "m-2"))
    end(site, "m-2", JobState.FAILED, "OSError")
    site.clock.advance(61)
    start(site, message(site, "m-3"))
    later = queue(site)

    assert (settle(site), settle(site)) == (2, 0)
    found = {job.message_id: job for job in site.record.jobs()}
    lost = [found[queued], found["m-1"]]
    assert [(job.state, job.finished_at) for job in lost] == [
        (JobState.FAILED, site.clock.now())
    ] * 2
    assert [(job.code, job.detail) for job in lost] == [
        WHY_LOST[JobState.QUEUED],
        WHY_LOST[JobState.STARTED],
    ]
    assert [found[name].state for name in ("m-2", "m-3", later)] == [
        JobState.FAILED,
        JobState.STARTED,
        JobState.QUEUED,
    ]


def test_what_waits_in_a_queue_is_given_more_time_than_a_worker(site: Site) -> None:
    """A message may be far back; only what no worker began in a week is given up."""
    sweep = SettleLostJobs(site.record, site.clock)
    queued = queue(site)
    start(site, message(site, "m-1"))

    site.clock.advance(timedelta(days=1, seconds=1).total_seconds())
    assert sweep() == 1
    assert {job.message_id: job.state for job in site.record.jobs()} == {
        queued: JobState.QUEUED,
        "m-1": JobState.FAILED,
    }
    site.clock.advance(timedelta(days=6).total_seconds())
    assert (sweep(), sweep()) == (1, 0)


def test_a_worker_is_heard_of_when_it_begins(site: Site) -> None:
    """However long the message was on its way."""
    each = message(site)
    site.clock.advance(61)
    start(site, each)

    assert settle(site) == 0


def test_a_lost_job_that_comes_after_all_is_a_job_again(site: Site) -> None:
    """Nothing of what was said of it stays."""
    queue(site)
    site.clock.advance(61)
    settle(site)
    [lost] = site.record.jobs()
    start(site, Message(lost.message_id, lost.queue, lost.actor, lost.arg, lost.queued_at))

    [job] = site.record.jobs()
    assert (job.state, job.code, job.detail) == (JobState.STARTED, "", "")
    assert job.finished_at is None


def test_lost_jobs_are_forgotten_like_others(site: Site) -> None:
    """Else they would stay for good."""
    queue(site)
    site.clock.advance(61)
    settle(site)
    site.clock.advance(1)

    assert site.record.forget_jobs(before=site.clock.now()) == 1


def test_a_list_goes_on_after_the_last_one_seen(site: Site) -> None:
    """Jobs of the same instant are told apart by their messages' ids; none is seen twice."""
    for name in ("m-3", "m-1", "m-2"):
        start(site, message(site, name))
    site.clock.advance(1)
    start(site, message(site, "m-4"))
    seen: list[str] = []
    after = None
    for _ in range(5):  # one more than there are
        for job in site.record.jobs(after=after, limit=1):
            seen.append(job.message_id)
            after = (job.queued_at, job.message_id)

    assert seen == ["m-4", "m-1", "m-2", "m-3"]
