"""Filter what waits; try what another rule set would have done; set rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from maverick_core.kernel.time import Clock
from maverick_core.pipeline.filtering.ports import (
    Cleaner,
    DisposableDomains,
    FilterHistory,
    RawPages,
    RuleSets,
)
from maverick_core.pipeline.filtering.rule_set import (
    DEFAULTS_VERSION,
    RuleSet,
    parse_rule_set,
    rule_set_json,
)
from maverick_core.pipeline.filtering.rules import Judge
from maverick_core.pipeline.filtering.trial import Trial
from maverick_core.suppression.ports import SuppressionList
from maverick_core.workspaces.ports import Workspaces

PAGE: Final = 5_000  # raw contacts of a transaction: some 15 MB, and a quarter of a second
EXAMPLES: Final = 5  # raw contacts that a difference names


class Told(Protocol):
    """Is told after each page how far a filter is."""

    def __call__(self, rows: int, codes: Mapping[str, int]) -> None:
        """Take how many raw contacts were judged so far, and how many have which code."""
        ...


@dataclass(frozen=True, slots=True)
class Filtered:
    """What became of a workspace's raw contacts, or in a dry run would.

    ``stopped``: somebody asked to stop, and there may be more to judge.
    """

    slug: str
    rules_version: int
    rows: int
    codes: Mapping[str, int]
    stopped: bool


@dataclass(frozen=True, slots=True)
class Judges:
    """Gives the judge for a workspace's rules, or for any others."""

    rule_sets: RuleSets
    cleaner: Cleaner
    disposable: DisposableDomains

    def in_force(self, workspace_id: int) -> tuple[int, Judge]:
        """Return the version of the rules in force and their judge; 0 are the defaults."""
        versions = self.rule_sets.rule_sets(workspace_id)
        if not versions:
            return DEFAULTS_VERSION, self.by(RuleSet())
        return versions[0].version, self.by(parse_rule_set(versions[0].definition))

    def by(self, rules: RuleSet) -> Judge:
        """Return the judge for ``rules``."""
        return Judge(rules, self.cleaner, self.disposable.disposable_list())


@dataclass(frozen=True, slots=True)
class FilterContacts:
    """Use case: judge a workspace's raw contacts, a page a transaction, until none waits.

    Safe to run at any time and in several places at once. A crash loses no more than the page in
    hand, which the next run judges; to run it again where nothing waits does nothing.
    """

    workspaces: Workspaces
    pages: RawPages
    judges: Judges
    clock: Clock

    def __call__(
        self,
        slug: str,
        told: Told,
        stopping: Callable[[], bool] = bool,
        *,
        page_size: int = PAGE,
    ) -> Filtered:
        """Judge by the rules in force now; ``stopping`` is asked after each page.

        Raises:
            Missing: no such workspace.
            Unavailable: the database fails; whole pages are on record.

        """
        workspace_id = self.workspaces.workspace(slug).id
        version, judge = self.judges.in_force(workspace_id)
        codes: Counter[str] = Counter()
        while True:
            with self.pages.raw_page(workspace_id, limit=page_size) as page:
                verdicts, candidates = judge.judge(page.rows, page)
                page.close(verdicts, candidates, rules_version=version, at=self.clock.now())
            codes.update(verdict.code for verdict in verdicts)
            told(codes.total(), codes)
            stopped = stopping()
            if stopped or len(verdicts) < page_size:
                return Filtered(slug, version, codes.total(), codes, stopped)


@dataclass(frozen=True, slots=True)
class RehearseFilter:
    """Use case: say what filtering would do now, and put nothing on record."""

    workspaces: Workspaces
    history: FilterHistory
    suppressions: SuppressionList
    judges: Judges

    def __call__(self, slug: str, told: Told, *, page_size: int = PAGE) -> Filtered:
        """Judge what waits by the rules in force.

        Raises:
            Missing: no such workspace.

        """
        workspace_id = self.workspaces.workspace(slug).id
        version, judge = self.judges.in_force(workspace_id)
        trial = Trial(workspace_id, self.history, self.suppressions, judge, waiting=True)
        codes: Counter[str] = Counter()
        for page in trial.pages(page_size):
            codes.update(verdict.code for _, verdict in page)
            told(codes.total(), codes)
        return Filtered(slug, version, codes.total(), codes, stopped=False)


@dataclass(frozen=True, slots=True)
class Change:
    """How many contacts would go from one code to another, and the ids of the first of them."""

    before: str
    after: str
    rows: int
    examples: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What other rules would have made of the past; not of all of it where not ``complete``."""

    slug: str
    rows: int
    before: Mapping[str, int]
    after: Mapping[str, int]
    changes: tuple[Change, ...] = field(default=())
    complete: bool = True


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Use case: try a rule set on the contacts that were judged already. Changes nothing."""

    workspaces: Workspaces
    history: FilterHistory
    suppressions: SuppressionList
    judges: Judges

    def __call__(
        self,
        slug: str,
        definition: str,
        told: Told,
        *,
        at_most: int | None = None,
        page_size: int = PAGE,
    ) -> Difference:
        """Judge them again in their order, each known of by what this trial kept before it.

        ``at_most`` so many, the oldest, and the rest of a page: for whoever cannot wait for all.

        Today's suppressions, lists and other workspaces count, so a difference may also come from
        those. It has to remember whom it kept: some 100 bytes each.

        Raises:
            Missing: no such workspace.
            Rejected: ``bad_rules``.

        """
        workspace_id = self.workspaces.workspace(slug).id
        judge = self.judges.by(parse_rule_set(definition))
        trial = Trial(workspace_id, self.history, self.suppressions, judge, waiting=False)
        pairs: Counter[tuple[str, str]] = Counter()
        examples: dict[tuple[str, str], list[int]] = {}
        after: Counter[str] = Counter()
        complete = True
        for page in trial.pages(page_size):
            if not (complete := at_most is None or after.total() < at_most):
                break
            for judged, verdict in page:
                pair = (judged.code or "", verdict.code)
                pairs[pair] += 1
                if len(known := examples.setdefault(pair, [])) < EXAMPLES:
                    known.append(verdict.raw_contact_id)
            after.update(verdict.code for _, verdict in page)
            told(after.total(), after)
        before: Counter[str] = Counter()
        for (code, _), rows in pairs.items():
            before[code] += rows
        changes = tuple(
            Change(old, new, rows, tuple(examples[old, new]))
            for (old, new), rows in pairs.most_common()
            if old != new
        )
        return Difference(slug, after.total(), before, after, changes, complete)


@dataclass(frozen=True, slots=True)
class SetRules:
    """Use case: put a new version of a workspace's rules in force, from the next run on."""

    workspaces: Workspaces
    rule_sets: RuleSets
    clock: Clock

    def __call__(self, slug: str, definition: str, *, by: str, seen: int | None = None) -> int:
        """Check ``definition`` and return its version; what was judged stays as it is.

        Raises:
            Missing: no such workspace.
            Conflict: ``changed_meanwhile``, the version in force is not the one ``seen``.
            Rejected: ``bad_rules``.

        """
        workspace_id = self.workspaces.workspace(slug).id
        whole = rule_set_json(parse_rule_set(definition))
        now = self.clock.now()
        return self.rule_sets.add_rule_set(workspace_id, whole, by=by, at=now, seen=seen)
