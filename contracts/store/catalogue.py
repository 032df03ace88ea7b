"""The few verbs with which the master list's suites set their scenes, through ports alone."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.store.site import Site, contact
from maverick_adapters.cleaning import LibraryCleaner
from maverick_core.kernel.time import Month
from maverick_core.pipeline.contact import Outcome
from maverick_core.pipeline.filtering.codes import KEPT, FilterCode
from maverick_core.pipeline.filtering.disposable import DisposableList
from maverick_core.pipeline.filtering.ports import Candidate
from maverick_core.pipeline.filtering.ports import Verdict as Judgement
from maverick_core.pipeline.filtering.service import FilterContacts, Judges
from maverick_core.pipeline.master_fill.filling import PAGE, Filled, FillMaster
from maverick_core.pipeline.master_fill.overlap import Overlap
from maverick_core.pipeline.master_fill.rules import MasterContact
from maverick_core.pipeline.master_fill.service import (
    Choosers,
    Refilled,
    RefillWorkspace,
    Shortage,
)
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind
from maverick_core.pipeline.upload.actions import Settle
from maverick_core.pipeline.verification.rules import Settled
from maverick_core.pipeline.verification.verdicts import Finding, Reason, Verdict
from maverick_core.suppression.rules import SuppressionReason, parse_target
from maverick_core.workspaces.rules import Workspace

RUN = Origin(OriginKind.SCRAPE_RUN, 1)
MANY = 100


class NoDisposable:
    """Knows no domain."""

    def disposable_list(self) -> DisposableList:
        """Return none."""
        return DisposableList(0, ())


def address(name: str) -> str:
    """Return the mailbox of somebody."""
    return contact(name).email


def candidates(site: Site, workspace: Workspace, *names: str) -> None:
    """Make those called ``names`` candidates of whom all is known."""
    rows = [NewRaw(at, email=address(name)) for at, name in enumerate(names, start=1)]
    site.record.add_raw(workspace.id, RUN, rows, at=site.clock.now())
    with site.record.raw_page(workspace.id, limit=MANY) as page:
        known = ("Agent", "Agency", "+12025550100", "TX", "auto", None, None)
        kept = [Candidate(row.id, row.email or "", "Ann", "Lee", *known) for row in page.rows]
        verdicts = [Judgement(row.id, KEPT, "") for row in page.rows]
        page.close(verdicts, kept, rules_version=0, at=site.clock.now())


def judge(site: Site, workspace: Workspace, verdict: Verdict, reason: Reason) -> None:
    """Find this out of all candidates that wait."""
    after, now = site.record.first_waiting(workspace.id), site.clock.now()
    with site.record.candidate_page(workspace.id, after=after, limit=MANY, at=now) as page:
        waiting = page.waiting
        mailable = verdict is Verdict.VALID
        page.settle([Settled(each.id, verdict, reason, mailable) for each in waiting])
    emails = [each.email for each in waiting]
    question = site.record.begin_question(
        workspace.id, emails, key=f"k{now}", provider="made-up", daily_limit=None, at=now
    )
    if question is not None:
        findings = [Finding(email, verdict, reason) for email in emails]
        site.record.question_answered(question.id, findings, {}, at=now)


def uploaded(
    site: Site, workspace: Workspace, *names: str, outcome: Outcome = Outcome.ACCEPTED
) -> None:
    """Upload those called ``names`` in a batch, each with this outcome."""
    members = site.contacts(workspace, *names)
    settle(site, site.plan(workspace, members)[0], members, outcome)


def settle(site: Site, batch_id: int, members: Sequence[int], outcome: Outcome) -> None:
    """Send a batch whose members all have this outcome."""
    claim = site.claim(batch_id)
    site.send(claim)
    taken = [(id_, id_) for id_ in members]
    settlements = {
        Outcome.ACCEPTED: Settle(0, accepted=taken, settled=True),
        Outcome.NOT_ATTACHABLE: Settle(
            0, accepted=taken, not_attachable=[(id_, "no") for id_ in members], settled=True
        ),
        Outcome.SKIPPED: Settle(0, skipped=members, settled=True),
        Outcome.REJECTED: Settle(0, rejected=[(id_, "no") for id_ in members], settled=True),
    }
    site.settle(claim, settlements[outcome])


def bounce(site: Site, workspace: Workspace, name: str) -> None:
    """Let a mail to somebody bounce."""
    _suppress(site, workspace.id, name, SuppressionReason.BOUNCED)


def suppress(site: Site, workspace: Workspace | None, name: str) -> None:
    """Suppress somebody for a workspace, or for all."""
    whose = workspace.id if workspace else None
    _suppress(site, whose, name, SuppressionReason.UNSUBSCRIBED)


def _suppress(site: Site, whose: int | None, name: str, reason: SuppressionReason) -> None:
    targets = [parse_target(address(name))]
    site.record.add_suppressions(whose, targets, reason, by="pat", at=site.clock.now())


def fill(site: Site, *, rebuild: bool = False, page_size: int = PAGE) -> Filled:
    """Fill the list."""
    filling = FillMaster(site.record, site.record)
    return filling(lambda _events: None, rebuild=rebuild, page_size=page_size)


def master(site: Site) -> Sequence[MasterContact]:
    """Return the whole list."""
    whose = site.record.workspaces()[0]
    with site.record.trial_page(whose.id, after=None, limit=MANY) as page:
        return page.contacts


def filtering(site: Site) -> FilterContacts:
    """Return the filter on the site's record."""
    return FilterContacts(site.record, site.record, _judges(site), site.clock)


def _judges(site: Site) -> Judges:
    return Judges(site.record, LibraryCleaner(), NoDisposable())


def refilling(site: Site) -> RefillWorkspace:
    """Return the use case on the site's record."""
    record = site.record
    shortage = Shortage(record, record, site.clock)
    return RefillWorkspace(record, shortage, record, Choosers(_judges(site), record), site.clock)


def refill(
    site: Site,
    workspace: Workspace,
    *,
    overlap: Overlap | None = None,
    target: int = 20,
    page_size: int = MANY,
) -> Refilled:
    """Refill the workspace up to its target of the month, ``target`` where it has none."""
    now = site.clock.now()
    month = Month.of(now, workspace.zone)
    if site.record.account(workspace.id, month).target is None:
        site.record.set_target(workspace.id, month, target, at=now)
    if overlap is not None:
        site.record.set_overlap(workspace.id, overlap, by="pat", at=now)
    return refilling(site)(workspace.slug, by="pat", page_size=page_size)


def raw_page_of(site: Site, workspace: Workspace) -> list[tuple[str, Origin]]:
    """Return the workspace's raw contacts, e-mail and origin, whatever became of them."""
    judged = [
        each.raw
        for waiting in (False, True)
        for each in site.record.judged(workspace.id, after=0, limit=MANY, waiting=waiting)
    ]
    return [(raw.email or "", raw.origin) for raw in judged]


def held_by(site: Site, workspace: Workspace) -> list[str]:
    """Return whom refills brought to the workspace."""
    rows = raw_page_of(site, workspace)
    return [email for email, origin in rows if origin.kind is OriginKind.MASTER_LIST]


def found(site: Site, workspace: Workspace) -> Origin:
    """Return what brought the workspace's first raw contact."""
    return raw_page_of(site, workspace)[0][1]


def turned_down(raw_contact_id: int) -> Judgement:
    """Return a verdict that keeps nobody."""
    return Judgement(raw_contact_id, FilterCode.ROLE_ACCOUNT, "")
