"""What holds after every step of the whole pipeline, whatever befell whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from contracts.machines.pipeline.world import SLUGS, World
from contracts.machines.provider import paid_while_believed
from maverick_adapters.memory import MemoryStore
from maverick_core.pipeline import invariants as laws
from maverick_core.pipeline.audit.service import AuditPipeline
from maverick_core.pipeline.filtering.codes import KEPT
from maverick_core.pipeline.filtering.ports import JudgedContact
from maverick_core.pipeline.invariants import RawSnapshot, Snapshot
from maverick_core.pipeline.raw import OriginKind
from maverick_core.pipeline.raw_import.rules import ImportState
from maverick_core.pipeline.verification.verdicts import Reason, Verdict

_MANY = 999


def broken(world: World, before: Snapshot | None = None, *, at_rest: bool = False) -> list[str]:
    """Return what is wrong; ``before`` is the record as it stood a step ago."""
    now, raw = world.record.snapshot(), world.record.raw_snapshot()
    held, enrolled = world.bison.held(), world.bison.enrolled()
    return [
        *laws.broken(now, held, enrolled, at_rest=at_rest),
        *laws.target_is_kept(now, before),
        *laws.raw_buckets_add_up(raw),
        *_audited(world),
        *_rows_are_all_there(world),
        *_nobody_came_twice(world),
        *_nobody_is_mailed_by_a_guess(world, now),
        *_verdicts_are_on_record(world, raw),
        *_ways_lead_to_a_source(world, now, raw),
        *(f"{email} was written to and had asked not to be" for email in sorted(world.harassed)),
    ]


def raw_contacts(world: World, slug: str) -> Sequence[JudgedContact]:
    """Return a workspace's raw contacts, judged or not."""
    return [
        each
        for waiting in (False, True)
        for each in world.record.judged(world.id_of(slug), after=0, limit=_MANY, waiting=waiting)
    ]


def _audited(world: World) -> Iterator[str]:
    """Ask the audit that people ask: the sums of the stores themselves."""
    audit = AuditPipeline(world.record, world.record)
    for slug in SLUGS:
        audited = audit(slug)
        if not audited.whole:
            yield f"{slug}: {audited.differences} {audited.strays}"


def _rows_are_all_there(world: World) -> Iterator[str]:
    """Find each row of a list as a raw contact, a reject, or a correction that was there before."""
    for slug, rig in world.importing.items():
        yield from (f"{slug}, import {wrong}" for wrong in rig.broken())
        for each in rig.raw:
            there, rows = each.rows + each.repeated, world.rows[each.id]
            if there > rows or (each.state is ImportState.DONE and there != rows):
                yield f"{slug}: import {each.id} is {each.state} with {there} of {rows} rows"


def _nobody_came_twice(world: World) -> Iterator[str]:
    """Take no row, nobody on a page of a run, and nobody by a refill into a workspace, twice."""
    for slug in SLUGS:
        raw = [each.raw for each in raw_contacts(world, slug)]
        rows = Counter((each.origin, each.row_number) for each in raw)
        found = Counter(
            (each.origin, each.email) for each in raw if each.origin.kind is OriginKind.SCRAPE_RUN
        )
        brought = Counter(each.email for each in raw if each.origin.kind is OriginKind.MASTER_LIST)
        for key, count in (*rows.items(), *found.items(), *brought.items()):
            if count > 1:
                yield f"{slug}: {key} came {count} times"


def _nobody_is_mailed_by_a_guess(world: World, now: Snapshot) -> Iterator[str]:
    """Mail whom the provider found valid, or a risk that the workspace ever took.

    Of a domain that takes any name, one mailbox that was asked about speaks for all.
    """
    domains = {
        email.rpartition("@")[2]
        for email, said in world.provider.said.items()
        if (Verdict.RISKY, Reason.CATCH_ALL) in said
    }
    for slug in SLUGS:
        for contact in now.contacts:
            said = world.provider.said[contact.email]
            risks = {reason for verdict, reason in said if verdict is Verdict.RISKY}
            if contact.email.rpartition("@")[2] in domains:
                risks.add(Reason.CATCH_ALL)
            is_valid = any(verdict is Verdict.VALID for verdict, _ in said)
            mine = contact.workspace_id == world.id_of(slug)
            if mine and not (is_valid or risks & world.risks[slug]):
                yield f"{slug}: {contact.email} is a contact, and the provider said {said}"


def _verdicts_are_on_record(world: World, raw: RawSnapshot) -> Iterator[str]:
    """Settle nobody but by a finding on record, and pay for nothing that is on record.

    Only asked of the memory store: no port tells what was believed once.
    """
    if not isinstance(world.record, MemoryStore):
        return
    known = world.record._tables.verification  # noqa: SLF001
    emails = {row.id: row.email for row in raw.candidates}
    for row in raw.verified:
        email = emails[row.candidate_id]
        if email not in known.findings and email.rpartition("@")[2] not in known.domains:
            yield f"{email} is {row.verdict}, and nothing on record says so"
    yield from paid_while_believed(world.provider, world.record)


def _ways_lead_to_a_source(world: World, now: Snapshot, raw: RawSnapshot) -> Iterator[str]:
    """Trace whoever was kept to what brought him, and to the rules that kept him."""
    contacts = {(row.workspace_id, row.email) for row in now.contacts}
    for slug in SLUGS:
        whose = world.id_of(slug)
        versions = {0, *(each.version for each in world.record.rule_sets(whose))}
        rules = {f"by rules of version {version}" for version in versions}
        for row in raw.candidates:
            if row.workspace_id != whose:
                continue
            steps = world.record.raw_trace(whose, row.email)
            told = [step.what for step in steps]
            kept = [step.detail for step in steps if step.what == KEPT]
            if told[0] != "found" or len(kept) != 1 or kept[0] not in rules:
                yield f"{slug}: the way of {row.email} is {steps}"
            is_contact = (whose, row.email) in contacts
            if is_contact and ("verified" not in told or not _goes_on(world, whose, row.email)):
                yield f"{slug}: contact {row.email} does not go on from its raw contact: {steps}"


def _goes_on(world: World, workspace_id: int, email: str) -> bool:
    return world.record.trace(workspace_id, email).steps[0].what == "imported"
