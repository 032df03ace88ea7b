"""Carry announcements to the queues, at least once each."""

from __future__ import annotations

from dataclasses import dataclass

from maverick_core.jobs.ports import JobLog, Outbox, Queues
from maverick_core.jobs.rules import KEPT, LOST_AFTER
from maverick_core.kernel.time import Clock


@dataclass(frozen=True, slots=True)
class RelayOutbox:
    """Use case: send what was announced.

    No transaction is open while the broker is spoken to. A crash between sending and marking, or an
    answer that was lost, sends a message twice, which is harmless: the claim decides.
    """

    outbox: Outbox
    queues: Queues
    limit: int = 500
    """Announcements taken at a time."""
    hold_seconds: float = 30.0

    def __call__(self) -> int:
        """Send a round and return how many were sent; fewer than ``limit`` means no more wait.

        Raises:
            Unavailable: the broker cannot be reached; what was not sent waits for the next round.

        """
        taken = self.outbox.take_announcements(limit=self.limit, hold_seconds=self.hold_seconds)
        sent: dict[int, str] = {}
        try:
            for announcement in taken:
                sent[announcement.id] = self.queues.enqueue(announcement)
        finally:
            if sent:
                self.outbox.announcements_sent(sent)
            if left := [each.id for each in taken if each.id not in sent]:
                self.outbox.put_back_announcements(left)
        return len(sent)


@dataclass(frozen=True, slots=True)
class SettleLostJobs:
    """Use case: the sweep for jobs that most likely nobody will end: a message lost, a worker dead.

    Their work is not touched: the sweeps for what waits have announced it again long since.
    """

    log: JobLog
    clock: Clock

    def __call__(self) -> int:
        """Put on record that they are given up, and return how many that were."""
        now = self.clock.now()
        return self.log.settle_lost_jobs(
            before={state: now - after for state, after in LOST_AFTER.items()}, at=now
        )


@dataclass(frozen=True, slots=True)
class ForgetJobs:
    """Use case: delete the record of jobs that ended a month ago."""

    log: JobLog
    clock: Clock

    def __call__(self) -> int:
        """Delete, and return how many jobs that were."""
        return self.log.forget_jobs(before=self.clock.now() - KEPT)
