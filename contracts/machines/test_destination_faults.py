"""Twenty thousand contacts against a destination that skips, refuses and loses answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from math import ceil, log2
from typing import Final

import pytest

from contracts.bison.stub import Fault, Switches
from contracts.machines.rig import Rig, rig
from contracts.store.site import SiteFactory
from maverick_core.pipeline.batch import CHUNK_SIZE
from maverick_core.pipeline.contact import ContactState, Outcome
from maverick_core.pipeline.csv_import.ports import NewContact

CONTACTS: Final = 20_000
BATCH: Final = 2_500
CHUNKS: Final = CONTACTS // CHUNK_SIZE
DATABASES: Final = ["sqlite", "postgres"]


@cache
def everybody() -> Sequence[NewContact]:
    """Return the contacts; every hundredth is at a provider that the destination skips."""
    return [
        NewContact(
            f"person{number}@{'gmail.com' if number % 100 == 0 else 'agency.example'}",
            "Pat", None, None, "Agency", None, None,
        )
        for number in range(CONTACTS)
    ]  # fmt: skip


SKIPPED: Final = frozenset(range(0, CONTACTS, 100))
INVALID: Final = frozenset(number * 997 + 1 for number in range(20))


@pytest.fixture(params=DATABASES)
def sites(request: pytest.FixtureRequest) -> SiteFactory:
    """Give stores of one database."""
    factory: SiteFactory = request.getfixturevalue(f"{request.param}_sites")
    return factory


@contextmanager
def job(sites: SiteFactory, **switches: str) -> Iterator[tuple[Rig, range]]:
    """Set the whole job up: eight batches of five chunks."""
    chosen = Switches(answers="slim", **{"personal_domains": "accept"} | switches)  # type: ignore[arg-type]
    with rig(sites(), switches=chosen) as made:
        yield made, made.plan(everybody(), batch_size=BATCH)


def emails(numbers: frozenset[int]) -> set[str]:
    """Return the addresses of contacts by number."""
    return {everybody()[number].email for number in numbers}


def upload(made: Rig, batches: range) -> int:
    """Upload all batches and return how many requests that took."""
    return sum(made.run(batch_id).requests for batch_id in batches)


def named(made: Rig, batches: range, state: ContactState) -> set[str]:
    """Return who is in a bucket, as the batch's page names them."""
    return {
        member.email
        for batch_id in batches
        for member in made.site.record.members(batch_id, states={state})
    }


def test_silent_skips_are_named_and_not_counted(sites: SiteFactory) -> None:
    """One per cent left out of good answers: 19,800 count, and the 200 can be listed."""
    with job(sites, personal_domains="skip") as (made, batches):
        requests = upload(made, batches)

        assert made.account().uploaded == CONTACTS - len(SKIPPED) == 19_800
        assert named(made, batches, ContactState.SKIPPED) == emails(SKIPPED)
        assert requests == CHUNKS
        assert made.broken() == []


@pytest.mark.parametrize("rows", ["indexed", "unindexed"])
def test_invalid_rows_are_found_and_the_rest_is_delivered(sites: SiteFactory, rows: str) -> None:
    """Twenty bad ones in refused chunks: 19,980 arrive, with requests within the bound."""
    with job(sites, invalid_rows=rows) as (made, batches):
        for email in emails(INVALID):
            made.stub.refuse(email)

        requests = upload(made, batches)

        assert made.account().uploaded == CONTACTS - len(INVALID) == 19_980
        assert named(made, batches, ContactState.REJECTED) == emails(INVALID)
        assert made.broken() == []
        bad = Counter(number // CHUNK_SIZE for number in INVALID)
        a_search = 2 * ceil(log2(CHUNK_SIZE)) + 1
        cost = {"indexed": lambda _: 2, "unindexed": lambda k: k * a_search}[rows]
        assert requests <= CHUNKS - len(bad) + sum(map(cost, bad.values()))


def lose_answers(made: Rig) -> None:
    """Take every second chunk, the first time it is sent, and lose the answer on the way back."""
    for chunk in range(1, CHUNKS, 2):
        somebody = everybody()[chunk * CHUNK_SIZE + CHUNK_SIZE // 2 + 1].email
        made.stub.script(Fault("drop_after", containing=somebody, times=1))


def test_lost_answers_are_settled_and_nothing_is_miscounted(sites: SiteFactory) -> None:
    """Twenty chunks accepted unheard: each is pushed again, everybody counts once, none fails."""
    with job(sites) as (made, batches):
        lose_answers(made)

        upload(made, batches)

        assert made.account().uploaded == CONTACTS
        assert made.broken() == []
        assert {batch.state for batch in made.site.record.batches()} == {"uploaded"}
        assert sum(made.stub.pushes.values()) == CONTACTS + 20 * CHUNK_SIZE


def test_a_job_killed_again_and_again_ends_like_one_that_was_not(sites: SiteFactory) -> None:
    """All of it at once, with a worker that dies in every batch: the same end state."""
    with job(sites, personal_domains="skip") as (made, batches):
        for email in emails(INVALID):
            made.stub.refuse(email)
        lose_answers(made)
        for batch_id in batches:
            worker = made.start(batch_id)
            for _ in range(5 + 3 * batch_id):
                if not worker.ended:
                    worker.step()

        upload(made, batches)

        now = made.site.record.snapshot()
        assert Counter(row.outcome for row in now.outcomes) == {
            Outcome.ACCEPTED: CONTACTS - len(SKIPPED | INVALID),
            Outcome.SKIPPED: len(SKIPPED - INVALID),
            Outcome.REJECTED: len(INVALID),
        }
        assert named(made, batches, ContactState.REJECTED) == emails(INVALID)
        assert made.broken() == []
