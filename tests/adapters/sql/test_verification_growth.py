"""What verification does for a page must not grow with what was verified before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from maverick_adapters.memory import ManualClock
from maverick_adapters.sql import SqlStore, open_engine, upgrade
from maverick_adapters.vault import Vault
from maverick_core.pipeline.filtering.codes import KEPT
from maverick_core.pipeline.filtering.ports import Candidate
from maverick_core.pipeline.filtering.ports import Verdict as Judgement
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind
from maverick_core.pipeline.verification.rules import Settled
from maverick_core.pipeline.verification.verdicts import Finding, Reason, Verdict
from maverick_core.workspaces.rules import new_workspace
from tests.adapters.sql.conftest import NewDatabase
from tests.adapters.sql.test_growth import LARGE, SMALL, Counter

PAGE = 100
CLOCK = ManualClock()


@contextmanager
def filled(url: str, candidates: int) -> Iterator[tuple[SqlStore, Counter]]:
    """Open a database with so many candidates that are settled, and a page that waits."""
    engine = open_engine(url, pool_size=1)
    counter = Counter(engine)
    upgrade(engine)
    store = SqlStore(engine, CLOCK, Vault.from_secret(Vault.new_key()))
    workspace = store.add_workspace(new_workspace("acme", "America/New_York"))
    now = CLOCK.now()
    rows = [NewRaw(n, email=f"p{n}@d{n % 50}.example") for n in range(candidates + PAGE)]
    store.add_raw(workspace.id, Origin(OriginKind.SCRAPE_RUN, 1), rows, at=now)
    with store.raw_page(workspace.id, limit=len(rows)) as page:
        kept = [Candidate(row.id, row.email or "", "Ann", *[None] * 8) for row in page.rows]
        page.close(
            [Judgement(row.id, KEPT, "") for row in page.rows], kept, rules_version=0, at=now
        )
    with store.candidate_page(workspace.id, after=0, limit=candidates, at=now) as known:
        known.settle(
            [
                Settled(each.id, Verdict.VALID, Reason.MAILBOX_EXISTS, mailable=True)
                for each in known.waiting
            ]
        )
    emails = [f"q{n}@x.example" for n in range(candidates)]
    question = store.begin_question(
        workspace.id, emails, key="k1", provider="p", daily_limit=None, at=now
    )
    assert question is not None
    found = [Finding(email, Verdict.VALID, Reason.MAILBOX_EXISTS) for email in emails]
    store.question_answered(question.id, found, {"x.example": False}, at=now)
    store.first_waiting(workspace.id)
    yield store, counter
    engine.dispose()


def settle_a_page(store: SqlStore) -> None:
    """Settle those who wait behind all that are settled, half of them by what is known."""
    after = store.first_waiting(1)
    with store.candidate_page(1, after=after, limit=PAGE, at=CLOCK.now()) as page:
        assert len(page.waiting) == PAGE
        page.known([each.email for each in page.waiting])
        page.catch_all(["d1.example", "x.example"])
        page.settle(
            [
                Settled(each.id, Verdict.INVALID, Reason.NO_SUCH_MAILBOX, mailable=False)
                for each in page.waiting
            ]
        )


def ask_about_a_page(store: SqlStore) -> None:
    """Begin a question and answer it."""
    emails = [f"r{n}@x.example" for n in range(PAGE)]
    question = store.begin_question(
        1, emails, key="k2", provider="p", daily_limit=10**6, at=CLOCK.now()
    )
    assert question is not None
    store.question_asked(question.id, "j")
    found = [Finding(email, Verdict.UNKNOWN, Reason.NO_ANSWER) for email in emails]
    store.question_answered(question.id, found, {"x.example": True}, at=CLOCK.now())
    assert store.open_question(1) is None


@pytest.mark.parametrize("work", [settle_a_page, ask_about_a_page])
def test_a_page_costs_the_same_behind_ten_times_as_many(
    new_sqlite: NewDatabase, work: Callable[[SqlStore], object]
) -> None:
    """Else a million candidates would cost the square of a million."""
    with filled(new_sqlite(), SMALL) as (store, counter):
        small = counter.of(lambda: work(store))
    with filled(new_sqlite(), LARGE) as (store, counter):
        large = counter.of(lambda: work(store))

    assert large <= 1.5 * small
