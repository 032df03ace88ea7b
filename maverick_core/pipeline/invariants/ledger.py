"""The ledger: outcomes are the count; every sum that is kept for speed agrees with them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace

from maverick_core.pipeline.batch import LIVE, BatchState, ChunkState
from maverick_core.pipeline.contact import ContactState, Outcome
from maverick_core.pipeline.invariants.buckets import contact_states
from maverick_core.pipeline.invariants.records import Snapshot
from maverick_core.targets.rules import TargetAccount


def counts_match_ledger(now: Snapshot) -> list[str]:
    """I3: the sums of a batch are the counts of its outcomes; ``accepted`` has all taken in it."""
    ledger: defaultdict[int, Counter[Outcome]] = defaultdict(Counter)
    for row in now.outcomes:
        ledger[row.batch_id][row.outcome] += 1
    found = []
    for batch in now.batches:
        count = ledger[batch.id]
        taken = count[Outcome.ACCEPTED] + count[Outcome.NOT_ATTACHABLE]
        refused = (count[Outcome.SKIPPED], count[Outcome.REJECTED], count[Outcome.NOT_ATTACHABLE])
        said = (batch.accepted, batch.skipped, batch.rejected, batch.not_attachable)
        if (taken, *refused) != said:
            found.append(f"batch {batch.id} says {said}, its outcomes are {(taken, *refused)}")
    return found


def accounts_match_recount(now: Snapshot) -> list[str]:
    """I3: a month's account is what a count of single contacts gives."""
    counted = recount(now)
    found = []
    for key in counted.keys() | now.accounts.keys():
        said = replace(now.accounts.get(key, TargetAccount(None)), target=None)
        right = counted.get(key, TargetAccount(None))
        if said != right:
            found.append(f"workspace {key[0]}, {key[1]}: the account is {said}, counted {right}")
    return found


def recount(now: Snapshot) -> Mapping[tuple[int, str], TargetAccount]:
    """Return the accounts counted from single contacts, without their targets."""
    states = contact_states(now)
    months: defaultdict[tuple[int, str], Counter[ContactState]] = defaultdict(Counter)
    for member in now.members:
        batch = now.batch[member.batch_id]
        settled = member.contact_id in now.outcome
        if not member.released and (settled or batch.state in LIVE):
            months[batch.workspace_id, batch.month][states[member.contact_id]] += 1
    return {
        key: TargetAccount(
            target=None,
            uploaded=count[ContactState.UPLOADED] + count[ContactState.NOT_ATTACHABLE],
            reserved=count[ContactState.BATCHED] + count[ContactState.IN_DOUBT],
            skipped=count[ContactState.SKIPPED],
            rejected=count[ContactState.REJECTED],
            in_doubt=count[ContactState.IN_DOUBT],
            not_attachable=count[ContactState.NOT_ATTACHABLE],
        )
        for key, count in months.items()
    }


def target_is_kept(now: Snapshot, before: Snapshot | None = None) -> list[str]:
    """I4: uploaded and reserved together never grow past the target, which is a hard cap.

    They may stand above one that was lowered afterwards, so with ``before`` only growth is wrong.
    """
    found = []
    for key, account in now.accounts.items():
        committed = account.uploaded + account.reserved
        earlier = before.accounts.get(key) if before else None
        allowed = max(account.target or 0, earlier.uploaded + earlier.reserved if earlier else 0)
        if committed > allowed:
            found.append(
                f"workspace {key[0]}, {key[1]}: {committed} uploaded or reserved of {allowed}"
            )
    return found


def uploaded_is_settled(now: Snapshot) -> list[str]:
    """I5: every contact of an uploaded batch has its outcome, and so has all a cancelled one keeps.

    Their chunks are closed with them: an uploaded batch has none that is planned or in doubt.
    """
    over = (BatchState.UPLOADED, BatchState.CANCELLED)
    ended = {row.id for row in now.batches if row.state in over}
    found = [
        f"contact {member.contact_id} has no outcome and batch {member.batch_id} is over"
        for member in now.members
        if member.batch_id in ended and not member.released and member.contact_id not in now.outcome
    ]
    found += [
        f"batch {row.id} is uploaded, its outcomes are {settled} of {row.contacts}"
        for row in now.batches
        if row.state is BatchState.UPLOADED
        and (settled := row.accepted + row.skipped + row.rejected) != row.contacts
    ]
    open_states = (ChunkState.PLANNED, ChunkState.SENT)
    found += [
        f"batch {row.batch_id} is uploaded, its chunk {row.number} is {row.state}"
        for row in now.chunks
        if row.state in open_states and now.batch[row.batch_id].state is BatchState.UPLOADED
    ]
    return found


def one_live_batch_a_contact(now: Snapshot) -> list[str]:
    """I11: nobody is in two batches, unless the earlier one was cancelled before their turn."""
    addresses = Counter((row.workspace_id, row.email) for row in now.contacts)
    twice = [key for key, count in addresses.items() if count > 1]
    found = [f"{len(twice)} e-mails are on record twice in a workspace"] if twice else []
    batches = Counter(member.contact_id for member in now.members if not member.released)
    found += [
        f"contact {contact} is in {count} batches"
        for contact, count in batches.items()
        if count > 1
    ]
    outcomes = Counter(row.contact_id for row in now.outcomes)
    found += [
        f"contact {contact} has {count} outcomes"
        for contact, count in outcomes.items()
        if count > 1
    ]
    return found
