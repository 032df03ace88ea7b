"""Ask every law of everything on record and of all that the stub holds, while the work goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from maverick_core.pipeline import invariants as laws
from maverick_core.pipeline.batch import BatchState
from maverick_core.pipeline.invariants import Enrolled, Held, Snapshot, leaks
from tests.soak.town import FAULTY, Town

_ENDED = (BatchState.UPLOADED, BatchState.CANCELLED, BatchState.FAILED)


@dataclass
class Auditor:
    """Looks again and again, and compares with what was there the last time."""

    town: Town
    before: Snapshot | None = None
    audits: int = 0

    def look(self) -> list[str]:
        """Ask what holds at any moment.

        Uploads go on meanwhile, so what may only be on record once it is held is compared with
        what is held afterwards, and what must be on record if it is held with what was before.
        """
        earlier = self._held()
        now = self.town.wired.store.snapshot()
        later = self._held()
        found = [
            *laws.broken(now, enrolled=self._enrolled()),
            *laws.sound(now, later),
            *laws.complete(now, earlier),
            *laws.refused_is_not_held(now, later),
            *self._changed(now),
        ]
        self._remember(now)
        return found

    def look_at_rest(self, log: str) -> list[str]:
        """Ask what holds when nothing is under way: every count is exact."""
        now, held = self.town.wired.store.snapshot(), self._held()
        found = laws.broken(now, held, self._enrolled(), at_rest=True)
        found += self._changed(now)
        for workspace in self.town.workspaces:
            counted = sum(
                account.uploaded for key, account in now.accounts.items() if key[0] == workspace.id
            )
            if counted != len(held[workspace.id]):
                is_held = len(held[workspace.id])
                found.append(f"workspace {workspace.id}: {counted} counted, {is_held} held")
        found += [
            f"batch {row.id} fails in fair weather: {row.failure_code}"
            for row in now.batches
            if row.state is BatchState.FAILED and row.failure_code not in FAULTY
        ]
        self._remember(now)
        return found + leaks(log, {"a token": "|token-", "contacts' domain": ".soak.example"})

    def _changed(self, now: Snapshot) -> list[str]:
        """Ask of what had ended before, which takes no single steps, and of the targets."""
        town = self.town
        capped = replace(
            now,
            accounts={
                key: replace(account, target=max(account.target or 0, town.ceilings.get(key, 0)))
                for key, account in now.accounts.items()
            },
        )
        found = laws.target_is_kept(capped, before=self.before)
        if self.before:
            ended: Sequence[laws.BatchRow] = [
                row
                for row in self.before.batches
                if row.state in _ENDED and row.id not in town.decided
            ]
            found += laws.ended_batches_stay(replace(self.before, batches=ended), now)
        return found

    def _remember(self, now: Snapshot) -> None:
        self.before = now
        self.audits += 1
        self.town.decided.clear()
        self.town.ceilings.clear()

    def _held(self) -> Held:
        stub = self.town.stub
        return {
            workspace.id: frozenset(stub.held(workspace.slug)) for workspace in self.town.workspaces
        }

    def _enrolled(self) -> Enrolled:
        stub = self.town.stub
        return {
            campaign: frozenset(stub.held_in_campaign(campaign))
            for campaign in self.town.campaigns.values()
        }
