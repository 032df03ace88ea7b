"""Verification through a provider that takes its time. Run as a module, it is one run.

python -m benchmarks.verification DATABASE URL QUESTION BUDGET

The provider works for a while on each question and every call has a latency, so no program can be
faster than their sum, asking one question after the other; what is measured is what is lost on top.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

import httpx
import psycopg
from sqlalchemy import make_url

from benchmarks import child
from benchmarks.measure import Figures, alternate, check_exact
from benchmarks.report import Result, goal
from benchmarks.scale import Scale
from benchmarks.upload import calm
from maverick_adapters.container import Wired, wire
from maverick_adapters.settings import load_settings
from maverick_adapters.sql import open_engine, upgrade
from maverick_core.pipeline.filtering.codes import KEPT
from maverick_core.pipeline.filtering.ports import Candidate, Verdict
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind
from maverick_core.workspaces.rules import new_workspace
from tests.services.databases import Databases

_SLUG: Final = "client"
_KEY: Final = "vk-stub"
_QUESTIONS: Final = 10
_PROCESSING: Final = 1e-4  # seconds of the provider for each mailbox of a question
_LATENCY: Final = 0.05  # seconds of each call
_CALLS: Final = 2  # of a question, at least: it is asked, and its answer is fetched
_DOMAINS: Final = 20_000
_NOBODY_EACH: Final = 10  # of so many mailboxes one is not there
_PAGE: Final = 5_000


def measure(scale: Scale, databases: Databases) -> Result:
    """Verify one question's worth, ten times as many, and as many with budget for half of them."""
    many = scale.rows
    few = question = many // _QUESTIONS
    amounts = {
        f"{few:,} mailboxes": (few, few),
        f"{many:,} mailboxes": (many, many),
        f"{many:,} mailboxes, budget for {many // 2:,}": (many, many // 2),
    }
    run = partial(_run, databases, question)
    built = {mailboxes: databases.template(partial(_build, mailboxes)) for mailboxes in (few, many)}
    found = alternate(
        scale.rounds,
        {
            name: (budget, partial(run, built[mailboxes], mailboxes, budget))
            for name, (mailboxes, budget) in amounts.items()
        },
    )
    small, large, half = found.values()
    return Result(
        "verify",
        (
            "",
            "asked/s",
            "slowest, fastest",
            "seconds",
            "of the provider",
            "CPU seconds",
            "peak MiB",
        ),
        [
            (
                name,
                f"{s.rate:,.0f}",
                s.spread,
                f"{s.seconds:.2f}",
                f"{_bound(s.amount, question):.2f}",
                f"{s.median('cpu_seconds'):.2f}",
                f"{s.peak_mib:.0f}",
            )
            for name, s in found.items()
        ],
        [
            goal("Time ÷ the provider's own", large.seconds / _bound(many, question), most=1.25),
            goal(
                "The same, until the budget ends",
                half.seconds / _bound(half.amount, question),
                most=1.25,
            ),
            goal("Time for ten times the mailboxes", large.seconds / small.seconds, most=11),
            goal("Memory for ten times the mailboxes", large.peak_mib / small.peak_mib, most=1.1),
        ],
    )


def _bound(mailboxes: int, question: int) -> float:
    """Return the seconds that the provider takes by itself."""
    return mailboxes * _PROCESSING + -(-mailboxes // question) * _CALLS * _LATENCY


def _build(mailboxes: int, address: str) -> None:
    engine = open_engine(address, pool_size=1)
    upgrade(engine)
    engine.dispose()
    with wire(load_settings(_env_file=None, database_url=address)) as wired:
        _bring(wired, mailboxes)
    with psycopg.connect(_plain(address), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _bring(wired: Wired, mailboxes: int) -> None:
    """Make candidates, spread over domains, of which every tenth is nobody."""
    workspace = wired.store.add_workspace(new_workspace(_SLUG, "America/New_York"))
    run = Origin(OriginKind.SCRAPE_RUN, 1)
    for start in range(0, mailboxes, _PAGE):
        now = wired.clock.now()
        numbers = range(start, min(start + _PAGE, mailboxes))
        rows = [NewRaw(number, email=_mailbox(number)) for number in numbers]
        wired.store.add_raw(workspace.id, run, rows, at=now)
        with wired.store.raw_page(workspace.id, limit=_PAGE) as page:
            page.close(
                [Verdict(row.id, KEPT, "") for row in page.rows],
                [Candidate(row.id, row.email or "", "Ann", *[None] * 8) for row in page.rows],
                rules_version=0,
                at=now,
            )


def _mailbox(number: int) -> str:
    name = "nobody" if number % _NOBODY_EACH == 0 else "p"
    return f"{name}{number}@d{number * 7_919 % _DOMAINS}.example"


@contextmanager
def _provider(question: int) -> Iterator[str]:
    """Run the provider in a process of its own and give its address."""
    times = ("--processing", str(question * _PROCESSING), "--latency", str(_LATENCY))
    command = [sys.executable, "-m", "contracts.verifier.stub", "--key", _KEY, *times]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def _run(
    databases: Databases, question: int, fresh: Callable[[], str], mailboxes: int, budget: int
) -> Figures:
    """Verify in a fresh process, and prove whom was asked about and what became of them.

    Raises:
        NotExactError: somebody has no verdict, or was paid for twice, or beyond the budget.

    """
    address = fresh()
    calm(address)
    with _provider(question) as provider:
        figures = child.run("verification", address, provider, question, budget)
        paid = httpx.get(f"{provider}/_stub/charged", timeout=60).json()
    told = _on_record(address)
    databases.drop(str(make_url(address).database))
    gone = sum(number % _NOBODY_EACH == 0 for number in range(mailboxes))
    expected: dict[str, float] = {"asked": budget, "verdicts": budget, "most_paid": 1}
    if budget == mailboxes:
        expected |= {"mailable": mailboxes - gone, "contacts": mailboxes - gone}
    check_exact(
        f"verification of {mailboxes:,}, {budget:,} of them paid for",
        expected | {"paid": budget, "spent": budget, "not_contacts": 0},
        {**figures, **told, "paid": sum(paid.values()), "most_paid": max(paid.values())},
    )
    return figures


def _on_record(address: str) -> dict[str, Any]:
    counts = {
        "verdicts": "SELECT count(*) FROM candidate_verdicts",
        "mailable": "SELECT count(*) FROM candidate_verdicts WHERE mailable",
        "contacts": "SELECT count(*) FROM contacts",
        "spent": "SELECT sum(mailboxes) FROM verifier_spending",
        "not_contacts": """
            SELECT count(*) FROM candidate_verdicts AS v JOIN candidates AS c
            ON c.id = v.candidate_id FULL JOIN contacts AS k ON k.email = c.email
            WHERE coalesce(v.mailable, false) <> (k.id IS NOT NULL)
        """,
    }
    with psycopg.connect(_plain(address)) as connection:
        rows = {name: connection.execute(query).fetchone() for name, query in counts.items()}
    return {name: row[0] for name, row in rows.items() if row}


def _plain(address: str) -> str:
    return address.replace("+psycopg", "")


def main() -> None:
    address, url, question, budget = sys.argv[1:]
    settings = load_settings(
        _env_file=None,
        database_url=address,
        verifier="http",
        verifier_url=url,
        verifier_key=_KEY,
        verifier_question_size=int(question),
        verifier_daily_budget=int(budget),
    )
    with wire(settings) as wired, child.Stopwatch() as watch:
        verified = wired.verify_candidates(_SLUG, breath=wired.airfield.flights())
    child.report(watch, asked=verified.asked)


if __name__ == "__main__":
    main()
