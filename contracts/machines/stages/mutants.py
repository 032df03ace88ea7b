"""Wrong stores, each with one plausible mistake, which the other stores do not make."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from contracts.store.site import LEASE, Site, SiteFactory
from maverick_adapters.memory import ManualClock, MemoryStore
from maverick_adapters.memory.filtering import MemoryRawPage
from maverick_adapters.memory.import_page import MemoryImportPage
from maverick_adapters.memory.master import MemorySightingPage
from maverick_adapters.memory.refills import MemoryRefillPage
from maverick_core.operations.rules import OperationClaim
from maverick_core.pipeline.batch import CHUNK_SIZE
from maverick_core.pipeline.filtering.codes import KEPT
from maverick_core.pipeline.master_fill.rules import SeenAs
from maverick_core.pipeline.raw_import.rules import ImportClaim, Standing, parse_row_token
from maverick_core.pipeline.scraping.ports import PageDue, PageResult, Run
from maverick_core.pipeline.scraping.rules import RunCounts
from maverick_core.pipeline.verification.ports import Question
from maverick_core.pipeline.verification.verdicts import Finding, Verdict
from maverick_core.suppression.rules import Match, SuppressionKind


class MovesTheMarkFirst(MemoryStore):
    """Moves the mark of the filter on before the verdicts are on record."""

    @contextmanager
    def raw_page(self, workspace_id: int, *, limit: int) -> Iterator[MemoryRawPage]:
        """Commit the mark, then hand out the page."""
        with self._transaction() as tables:
            rows = tables.raw.waiting(workspace_id, after=0, limit=limit)
            if rows:
                tables.raw.marks[workspace_id] = rows[-1].id
        with super().raw_page(workspace_id, limit=limit) as page:
            yield page


class KeepsWhatTheDeadDid(MemoryStore):
    """Keeps what was closed of a page whose worker died before it was on record."""

    @contextmanager
    def raw_page(self, workspace_id: int, *, limit: int) -> Iterator[MemoryRawPage]:
        """Commit in any case."""
        with self._lock:
            draft = self._tables.copy()
            try:
                yield MemoryRawPage(draft, workspace_id, limit)
            finally:
                self._tables = draft


class ClosesRejectsTwice(MemoryStore):
    """Lets a row be corrected again that was corrected before."""

    @contextmanager
    def import_page(
        self, claim: ImportClaim, *, lease_seconds: float
    ) -> Iterator[MemoryImportPage]:
        """Hand out a page that never looks at corrections."""
        with super().import_page(claim, lease_seconds=lease_seconds) as page:
            look_up = page.standing

            def standing(tokens: Collection[str]) -> Mapping[str, Standing]:
                named = {token: parse_row_token(token) for token in look_up(tokens)}
                return {token: Standing(row[0], open=True) for token, row in named.items() if row}

            page.standing = standing  # type: ignore[method-assign]
            yield page


class TakesLatePages(MemoryStore):
    """Takes pages of a run or an import that another worker has by now."""

    def page_done(
        self, run: Run, page: PageDue, result: PageResult, *, lease_seconds: float
    ) -> RunCounts | None:
        """Take it, by whichever fence."""
        fence = self._tables.scraping.runs[run.id].fence
        now = replace(run, fence=fence)
        return super().page_done(now, page, result, lease_seconds=lease_seconds)

    @contextmanager
    def import_page(
        self, claim: ImportClaim, *, lease_seconds: float
    ) -> Iterator[MemoryImportPage]:
        """Take it, by whichever fence."""
        now = claim._replace(fence=self._tables.imports[claim.id].fence)
        with super().import_page(now, lease_seconds=lease_seconds) as page:
            yield page


class BelievesTooLong(MemoryStore):
    """Believes for a month that nothing is known of a mailbox."""

    def question_answered(
        self,
        question_id: int,
        findings: Sequence[Finding],
        catch_all: Mapping[str, bool],
        *,
        at: datetime,
    ) -> None:
        """Believe it, and what is unknown for longer."""
        super().question_answered(question_id, findings, catch_all, at=at)
        rows = self._tables.verification.findings
        for email, row in rows.items():
            if row.finding.verdict is Verdict.UNKNOWN:
                rows[email] = row._replace(until=row.found_at + timedelta(days=30))


class AnswersTwice(MemoryStore):
    """Believes the answer to a question that was answered before."""

    def question_answered(
        self,
        question_id: int,
        findings: Sequence[Finding],
        catch_all: Mapping[str, bool],
        *,
        at: datetime,
    ) -> None:
        """Forget that it was."""
        self._tables.verification.answered.pop(question_id, None)
        super().question_answered(question_id, findings, catch_all, at=at)


class SpendsAnotherDaysBudget(MemoryStore):
    """Counts what is asked in the evening for the next day, as if days were another zone's."""

    def begin_question(
        self,
        workspace_id: int,
        emails: Sequence[str],
        *,
        key: str,
        provider: str,
        daily_limit: int | None,
        at: datetime,
    ) -> Question | None:
        """Ask, and count it for the day that it is six hours from now."""
        rows = self._tables.verification
        before = rows.spending.copy()
        asked = super().begin_question(
            workspace_id, emails, key=key, provider=provider, daily_limit=daily_limit, at=at
        )
        rows, later = self._tables.verification, at + timedelta(hours=10)
        spent = sum(rows.spending.values()) - sum(before.values())
        day = provider, later.date().isoformat()
        rows.spending = {**before, day: before.get(day, 0) + spent} if spent else before
        return asked


class TakesBackTheBelieved(MemoryStore):
    """Takes back verdicts whether or not they are believed."""

    def wait_again(self, workspace_id: int, verdicts: Collection[Verdict], *, at: datetime) -> int:
        """Look as from a year later."""
        return super().wait_again(workspace_id, verdicts, at=at + timedelta(days=365))


class CountsWorkspacesTwice(MemoryStore):
    """Counts a workspace for its candidate, and for the contact that this became."""

    @contextmanager
    def sighting_page(
        self, workspace_id: int, seen_as: SeenAs, *, limit: int
    ) -> Iterator[MemorySightingPage]:
        """Say of everybody that they are new there."""
        with super().sighting_page(workspace_id, seen_as, limit=limit) as page:
            page._events = [event._replace(new_there=True) for event in page.events]  # noqa: SLF001
            yield page


class BringsTwice(MemoryStore):
    """Forgets whom a refill brought."""

    @contextmanager
    def refill_page(self, run_id: int, *, limit: int) -> Iterator[MemoryRefillPage]:
        """Bring, and forget."""
        with super().refill_page(run_id, limit=limit) as page:
            yield page
        self._tables.master.brought.clear()


class KnowsNoDomains(MemoryStore):
    """Looks a suppression up by the mailbox alone."""

    def suppressed(self, workspace_id: int, emails: Collection[str]) -> Mapping[str, Match]:
        """Leave out whom a domain covers."""
        found = super().suppressed(workspace_id, emails)
        return {
            email: match for email, match in found.items() if match.kind is SuppressionKind.EMAIL
        }


class LetsSuppressedThrough(MemoryStore):
    """Compares suppressions with addresses as they were written, not as they are kept."""

    @contextmanager
    def raw_page(self, workspace_id: int, *, limit: int) -> Iterator[MemoryRawPage]:
        """Hand out a page that knows of no suppression of whom was written down otherwise."""
        with super().raw_page(workspace_id, limit=limit) as page:
            as_written = {row.email for row in page.rows}
            look_up = page.suppressed

            def suppressed(emails: Collection[str]) -> Mapping[str, Match]:
                return look_up([email for email in emails if email in as_written])

            page.suppressed = suppressed  # type: ignore[method-assign]
            yield page


class EndsForTheLate(MemoryStore):
    """Lets an operation be ended by a worker whose lease is over and whom another one replaced."""

    def succeed_operation(
        self, claim: OperationClaim, result: Mapping[str, Any], *, done: int
    ) -> None:
        """End it, by whichever fence."""
        now = replace(claim, fence=self._tables.operations[claim.id].fence)
        super().succeed_operation(now, result, done=done)


class ClaimsForEver(MemoryStore):
    """Hands out an operation again and again, whoever dies of it."""

    def claim_operation(
        self, operation_id: int, *, worker: str, lease_seconds: float
    ) -> OperationClaim | str:
        """Forget the claims there were."""
        rows = self._tables.operations
        if operation_id in rows:
            rows[operation_id] = replace(rows[operation_id], claims=0)
        return super().claim_operation(operation_id, worker=worker, lease_seconds=lease_seconds)


class CallsTheKeptOpen(MemoryStore):
    """Gives out rows that were kept as if they waited for their correction."""

    def reject_counts(self, import_id: int) -> Mapping[str, int]:
        """Count the kept as well."""
        kept = self.fates(import_id)["kept"]
        return {**super().reject_counts(import_id), **({KEPT: kept} if kept else {})}


def sites_of(store_type: type[MemoryStore]) -> SiteFactory:
    """Return what makes stores of this type."""

    def make(chunk_size: int = CHUNK_SIZE) -> Site:
        clock = ManualClock()
        store = store_type(clock, chunk_size=chunk_size)
        return Site(store, clock, lambda: clock.advance(LEASE), lambda *_: store)

    return make
