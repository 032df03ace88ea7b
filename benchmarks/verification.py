"""Verification of 100,000 mailboxes through a provider that takes its time.

The provider works for a while on each question and every call has a latency, so no program can be
faster than the sum of those; what is measured is how much is lost on top of that.

``python -m benchmarks.verification`` (SQLite), or with ``--database postgresql://…``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from contracts.verifier.stub import VerifierStub, serve
from maverick_adapters.container import Wired, wire
from maverick_adapters.settings import load_settings
from maverick_adapters.sql import upgrade
from maverick_core.pipeline.filtering.codes import KEPT
from maverick_core.pipeline.filtering.ports import Candidate, Verdict
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind
from maverick_core.workspaces.rules import new_workspace

MAILBOXES: Final = 100_000
DOMAINS: Final = 20_000
QUESTION: Final = 10_000
PROCESSING: Final = 1.0  # seconds of each question
LATENCY: Final = 0.05  # seconds of each call
_PAGE: Final = 10_000


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run took, and what the provider alone would have taken."""

    mailboxes: int
    questions: int
    seconds: float
    bound_seconds: float
    contacts: int
    paid_twice: int

    def __str__(self) -> str:
        share = self.bound_seconds / self.seconds
        return (
            f"{self.mailboxes:,} mailboxes in {self.seconds:.1f} s "
            f"({self.mailboxes / self.seconds:,.0f}/s), {self.questions} questions; "
            f"the provider alone {self.bound_seconds:.1f} s ({share:.0%} of it); "
            f"{self.contacts:,} contacts, {self.paid_twice} paid twice"
        )


def bring(wired: Wired, mailboxes: int) -> int:
    """Make candidates, spread over domains; return the workspace."""
    workspace = wired.store.add_workspace(new_workspace("acme", "America/New_York"))
    run = Origin(OriginKind.SCRAPE_RUN, 1)
    for start in range(0, mailboxes, _PAGE):
        now = wired.clock.now()
        rows = [
            NewRaw(number, email=f"p{number}@d{number * 7919 % DOMAINS}.example")
            for number in range(start, min(start + _PAGE, mailboxes))
        ]
        wired.store.add_raw(workspace.id, run, rows, at=now)
        with wired.store.raw_page(workspace.id, limit=_PAGE) as page:
            page.close(
                [Verdict(row.id, KEPT, "") for row in page.rows],
                [Candidate(row.id, row.email or "", "Ann", *[None] * 8) for row in page.rows],
                rules_version=0,
                at=now,
            )
    return workspace.id


def measure(
    database: str,
    *,
    mailboxes: int = MAILBOXES,
    processing: float = PROCESSING,
    latency: float = LATENCY,
) -> Measured:
    """Verify so many with an empty ``database``."""
    stub = VerifierStub(processing_seconds=processing, latency_seconds=latency)
    with serve(stub) as server:
        settings = load_settings(
            _env_file=None,
            database_url=database,
            verifier="http",
            verifier_url=server.url,
            verifier_key="vk-stub",
            verifier_question_size=QUESTION,
        )
        with wire(settings) as wired:
            upgrade(wired.engine)
            workspace_id = bring(wired, mailboxes)
            begun = time.perf_counter()
            verified = wired.verify_candidates("acme", breath=wired.airfield.flights())
            seconds = time.perf_counter() - begun
            assert verified.settled == mailboxes, verified
            contacts = wired.store.supply(workspace_id)
    asks = stub.calls.count("ask")
    return Measured(
        mailboxes=mailboxes,
        questions=asks,
        seconds=seconds,
        bound_seconds=asks * processing + len(stub.calls) * latency,
        contacts=contacts,
        paid_twice=sum(times > 1 for times in stub.charged.values()),
    )


def main() -> None:
    """Measure once and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", default="", help="an empty one; without it, SQLite")
    parser.add_argument("--mailboxes", type=int, default=MAILBOXES)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = chosen.database or f"sqlite:///{Path(folder) / 'maverick.db'}"
        sys.stdout.write(f"{measure(database, mailboxes=chosen.mailboxes)}\n")


if __name__ == "__main__":
    main()
