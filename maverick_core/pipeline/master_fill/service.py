"""Refill a workspace that is short of contacts, or say what that would bring."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from maverick_core.kernel.errors import Missing, Rejected
from maverick_core.kernel.time import Clock, Month
from maverick_core.pipeline.filtering.codes import KEPT
from maverick_core.pipeline.filtering.ports import RawContact
from maverick_core.pipeline.filtering.rules import Judge
from maverick_core.pipeline.filtering.service import Judges
from maverick_core.pipeline.master_fill.overlap import Overlap, objection
from maverick_core.pipeline.master_fill.ports import Overlaps, RefillRun, Refills, TrialPage
from maverick_core.pipeline.master_fill.rules import MasterContact, Place, place_of
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind
from maverick_core.targets.ports import Targets
from maverick_core.workspaces.ports import Workspaces
from maverick_core.workspaces.rules import Workspace

PAGE: Final = 2_000  # mailboxes that are looked at in a transaction
_NEW: Final = Origin(OriginKind.MASTER_LIST, 0)  # ids on record begin at 1


@dataclass(frozen=True, slots=True)
class Refilled:
    """What a refill brought, or in a dry run would; ``codes`` count whom it passed over and why.

    The workspace was ``short`` of so many. ``run_id`` is None where there is no run. ``stopped``:
    the list may hold more of them.
    """

    slug: str
    short: int
    asked: int
    looked_at: int
    brought: int
    codes: Mapping[str, int]
    run_id: int | None = None
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Shortage:
    """How many contacts a workspace lacks for its present month, whatever is on the way."""

    targets: Targets
    refills: Refills
    clock: Clock

    def __call__(self, workspace: Workspace) -> int:
        """Return how many are missing when all that is on the way arrives.

        Raises:
            Missing: ``target_missing``.

        """
        month = Month.of(self.clock.now(), workspace.zone)
        account = self.targets.account(workspace.id, month)
        if account.target is None:
            raise Missing(
                f"No target is set for {month}, so nothing says how many are missing.",
                code="target_missing",
                remedy='Set one with "maverick targets set".',
            )
        there = account.uploaded + account.reserved + self.targets.supply(workspace.id)
        return max(0, account.target - there - self.refills.on_the_way(workspace.id))


class Choice(NamedTuple):
    """Whom to bring of a page, whom that decided on, and why not the others."""

    chosen: Sequence[MasterContact]
    looked_at: Sequence[MasterContact]
    codes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Chooser:
    """Decides on mailboxes for one workspace, by its rules as they were when it was made."""

    judge: Judge
    overlap: Overlap

    def __call__(self, page: TrialPage, room: int, *, now: datetime) -> Choice:
        """Choose the first ``room`` of the page that nothing speaks against."""
        standing = page.standing
        verdicts: list[str | None] = [
            objection(contact.email, standing, self.overlap, now=now) for contact in page.contacts
        ]
        rows = [
            _as_raw(at, contact) for at, contact in enumerate(page.contacts) if verdicts[at] is None
        ]
        for verdict in self.judge.judge(rows, page).verdicts:
            verdicts[verdict.raw_contact_id] = verdict.code
        chosen: list[MasterContact] = []
        codes: Counter[str] = Counter()
        looked_at = 0
        for contact, code in zip(page.contacts, verdicts, strict=True):
            if len(chosen) == room:
                break
            looked_at += 1
            if code == KEPT:
                chosen.append(contact)
            else:
                codes[str(code)] += 1
        return Choice(chosen, page.contacts[:looked_at], codes)


@dataclass(frozen=True, slots=True)
class Choosers:
    """Gives the chooser by the rules in force now."""

    judges: Judges
    overlaps: Overlaps

    def __call__(self, workspace_id: int) -> Chooser:
        """Return it."""
        _, judge = self.judges.in_force(workspace_id)
        return Chooser(judge, self.overlaps.overlap(workspace_id))


@dataclass(frozen=True, slots=True)
class RefillWorkspace:
    """Use case: bring a workspace what it is short of, from the master list, as raw contacts.

    They are filtered, verified and planned as all others are, so nothing says how many stay. A
    crash leaves whole pages, and the run open: the next refill of the workspace goes on with it.
    Several at once share one run.
    """

    workspaces: Workspaces
    shortage: Shortage
    refills: Refills
    choosers: Choosers
    clock: Clock

    def __call__(
        self,
        slug: str,
        *,
        by: str,
        limit: int | None = None,
        told: Callable[[RefillRun], object] = bool,
        stopping: Callable[[], bool] = bool,
        page_size: int = PAGE,
    ) -> Refilled:
        """Bring at most ``limit``, and no more than are missing at each page.

        Raises:
            Missing: no such workspace, or no target for its present month.
            Rejected: ``bad_limit``.

        """
        workspace = self.workspaces.workspace(slug)
        short = self.shortage(workspace)
        asked = check_limit(limit, short)
        if not asked:
            return Refilled(slug, short, 0, 0, 0, {})
        run = self.refills.begin_refill(workspace.id, asked, by=by, at=self.clock.now())
        choose = self.choosers(workspace.id)
        stopped = over = False
        while not over and not (stopped := stopping()):
            with self.refills.refill_page(run.id, limit=page_size) as page:
                run = page.run
                if over := run.finished_at is not None:
                    break  # another refill came to the end of it
                now = self.clock.now()
                room = min(run.asked - run.brought, self.shortage(workspace))
                choice = choose(page, room, now=now)
                over = len(choice.chosen) == room or len(page.contacts) < page_size
                page.bring(
                    [
                        _brought(number, contact)
                        for number, contact in enumerate(choice.chosen, start=run.brought + 1)
                    ],
                    looked_at=choice.looked_at,
                    codes=choice.codes,
                    over=over,
                    at=now,
                )
                run = page.run
            told(run)
        codes = run.codes or {}
        return Refilled(
            slug, short, run.asked, run.looked_at, run.brought, codes, run.id, stopped=stopped
        )


@dataclass(frozen=True, slots=True)
class RehearseRefill:
    """Use case: say what a refill would bring now, and bring nothing."""

    workspaces: Workspaces
    shortage: Shortage
    refills: Refills
    choosers: Choosers
    clock: Clock

    def __call__(
        self,
        slug: str,
        *,
        limit: int | None = None,
        at_most: int | None = None,
        page_size: int = PAGE,
    ) -> Refilled:
        """Look at the list as far as a refill would, or at ``at_most`` and the rest of a page.

        Raises:
            Missing: no such workspace, or no target for its present month.
            Rejected: ``bad_limit``.

        """
        workspace = self.workspaces.workspace(slug)
        short = self.shortage(workspace)
        asked = check_limit(limit, short)
        choose = self.choosers(workspace.id)
        codes: Counter[str] = Counter()
        brought = looked_at = 0
        after: Place | None = None
        stopped = False
        while brought < asked and not (stopped := at_most is not None and looked_at >= at_most):
            with self.refills.trial_page(workspace.id, after=after, limit=page_size) as page:
                choice = choose(page, asked - brought, now=self.clock.now())
            brought += len(choice.chosen)
            looked_at += len(choice.looked_at)
            codes.update(choice.codes)
            if len(page.contacts) < page_size:
                break
            after = place_of(page.contacts[-1])
        return Refilled(slug, short, asked, looked_at, brought, codes, stopped=stopped)


@dataclass(frozen=True, slots=True)
class SetOverlap:
    """Use case: say how close a workspace's refills may come to other workspaces."""

    workspaces: Workspaces
    overlaps: Overlaps
    clock: Clock

    def __call__(
        self, slug: str, overlap: Overlap, *, by: str, seen: Overlap | None = None
    ) -> None:
        """Set it, for refills from now on.

        Raises:
            Missing: no such workspace.
            Conflict: ``changed_meanwhile``, what is allowed is not what was ``seen``.

        """
        workspace_id = self.workspaces.workspace(slug).id
        self.overlaps.set_overlap(workspace_id, overlap, by=by, at=self.clock.now(), seen=seen)


def check_limit(limit: int | None, short: int) -> int:
    """Return how many to ask for.

    Raises:
        Rejected: ``bad_limit``.

    """
    if limit is None:
        return short
    if limit < 1:
        raise Rejected(
            "A refill of less than one contact is none.",
            code="bad_limit",
            remedy="Ask for one or more, or leave the limit out.",
        )
    return min(limit, short)


def _as_raw(id_: int, contact: MasterContact) -> RawContact:
    return RawContact(
        id=id_,
        origin=_NEW,
        row_number=id_,
        email=contact.email,
        full_name=None,
        notes=None,
        variables=None,
        **contact.person._asdict(),
    )


def _brought(number: int, contact: MasterContact) -> NewRaw:
    return NewRaw(number, email=contact.email, **contact.person._asdict())
