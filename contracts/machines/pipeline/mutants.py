"""Wrong stores and wrong workers, each with one plausible mistake, for the pipeline's laws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from contracts.machines.pipeline.worker import Worker
from contracts.machines.pipeline.world import SIZE
from maverick_adapters.memory import MemoryStore
from maverick_adapters.memory.filtering import MemoryRawPage
from maverick_adapters.memory.import_page import MemoryImportPage
from maverick_core.pipeline.lead import Lead
from maverick_core.pipeline.master_fill.ports import RefillRun
from maverick_core.pipeline.raw_import.rules import ImportClaim
from maverick_core.pipeline.scraping.ports import PageDue, Run, Validators
from maverick_core.pipeline.scraping.rules import RunCounts
from maverick_core.pipeline.verification.asking import AskVerifier, Heard
from maverick_core.pipeline.verification.ports import (
    Answer,
    AskAnswer,
    Declined,
    Found,
    NoAnswer,
    Question,
    Refused,
)
from maverick_core.pipeline.verification.rules import settle
from maverick_core.pipeline.verification.verdicts import Finding, Reason, Verdict
from maverick_core.retry import Trouble


class ForgetsTheMark(MemoryStore):
    """Judges a page, and forgets how far that brought the filter."""

    @contextmanager
    def raw_page(self, workspace_id: int, *, limit: int) -> Iterator[MemoryRawPage]:
        """Put the mark back to where it was."""
        with super().raw_page(workspace_id, limit=limit) as page:
            marks = dict(page._tables.raw.marks)  # noqa: SLF001
            yield page
            page._tables.raw.marks = marks  # noqa: SLF001


class ResumesAtThePageAfter(MemoryStore):
    """Lets whoever goes on with an import begin behind the page that his predecessor was at."""

    def claim_import(
        self, import_id: int, *, worker: str, lease_seconds: float
    ) -> ImportClaim | str:
        """Take the page for done that was under way."""
        claim = super().claim_import(import_id, worker=worker, lease_seconds=lease_seconds)
        if isinstance(claim, str) or claim.fence == 1:
            return claim
        return claim._replace(last_row=max(claim.last_row, 1) + SIZE)


class TakesPagesFromAnybody(MemoryStore):
    """Puts a page of an import on record, whoever has the import by now."""

    @contextmanager
    def import_page(
        self, claim: ImportClaim, *, lease_seconds: float
    ) -> Iterator[MemoryImportPage]:
        """Look at no fence."""
        del lease_seconds
        with self._transaction() as tables:
            yield MemoryImportPage(tables, claim)


class ResumesAtThePageBefore(MemoryStore):
    """Lets whoever goes on with a run take the last page again: it may not have been whole."""

    def next_page(self, run: Run) -> PageDue | RunCounts:
        """Give the page before, the first time a run is gone on with."""
        record = self._tables.scraping.runs[run.id]
        done = [n for n, page in enumerate(record.pages) if page.code is not None]
        if run.fence > 1 and record.claims and done:
            return PageDue(done[-1], record.pages[done[-1]].url, Validators())
        return super().next_page(run)


class AsksSuppressionsOnlyAtPlanning(MemoryStore):
    """Sends whoever is in the batch: it was planned without the suppressed."""

    def leads(self, workspace_id: int, contact_ids: Sequence[int]) -> Sequence[Lead]:
        """Leave nobody out."""
        del workspace_id
        return [Lead(id_, *self._tables.contacts[id_].contact) for id_ in contact_ids]


class LooksAtAPageAgain(MemoryStore):
    """Lets whoever goes on with a refill look again at all that it looked at, and forgets whom."""

    def begin_refill(self, workspace_id: int, asked: int, *, by: str, at: datetime) -> RefillRun:
        """Begin at the beginning."""
        run = super().begin_refill(workspace_id, asked, by=by, at=at)
        with self._transaction() as tables:
            tables.master.brought.clear()
            tables.master.runs[run.id] = replace(run, place=None)
        return tables.master.runs[run.id]


class _SettlesFirst(AskVerifier):
    """Settles by what the provider says, and then puts that on record."""

    __slots__ = ()

    def _end(self, question: Question, said: Found | Declined | Refused) -> Heard:
        if isinstance(said, Found):
            self._settle({each.email: each for each in said.findings})
        return super()._end(question, said)

    def _settle(self, found: Mapping[str, Finding]) -> None:
        store: Any = self.questions
        for workspace in store.workspaces():
            with store.candidate_page(workspace.id, after=0, limit=99, at=self.clock.now()) as page:
                known = [each for each in page.waiting if each.email in found]
                policy = store.policy(workspace.id)
                page.settle(list(settle(known, found, {}, policy)))


class _TakesLostForValid(AskVerifier):
    """Takes an answer that never came for a good one."""

    __slots__ = ()

    def _speak(self, question: Question, reference: str | None) -> AskAnswer | Answer:
        said = super()._speak(question, reference)
        if isinstance(said, NoAnswer) and said.trouble is Trouble.LOST:
            valid = Verdict.VALID, Reason.MAILBOX_EXISTS
            return Found([Finding(email, *valid) for email in question.emails])
        return said


class _AsksAnew(AskVerifier):
    """Asks under a key that only this worker knows."""

    __slots__ = ()

    def _speak(self, question: Question, reference: str | None) -> AskAnswer | Answer:
        if reference is None:
            key = self.randomness.random_bytes(16).hex()
            return self.verifier.ask(key, question.emails)
        return super()._speak(question, reference)


class SettlesBeforeTheAnswerIsOnRecord(Worker):
    """Settles by what the provider says, and then puts that on record."""

    ask_type = _SettlesFirst


class TakesLostForValid(Worker):
    """Takes an answer that never came for a good one."""

    ask_type = _TakesLostForValid


class AsksAnew(Worker):
    """Asks under a key that is not the one on record."""

    ask_type = _AsksAnew
