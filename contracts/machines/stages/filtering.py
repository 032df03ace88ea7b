"""Filtering: pages judged and closed, rules set and tried, mailboxes suppressed and let off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from contracts.machines.stages.people import (
    CATCH_ALL,
    judges,
    slugs,
    slugs_or_all,
    spellings,
)
from contracts.machines.stages.places import MANY, StagePlace
from contracts.machines.stages.stage import AFTER, BEFORE, Stage, deaths, dies, limits, survived
from maverick_core.pipeline.filtering.service import RehearseFilter, SetRules, WhatIf
from maverick_core.suppression.rules import SuppressionReason
from maverick_core.suppression.service import Suppress, Unsuppress

RULES: Final = (
    "{}",
    '{"personal_domains": "keep", "role_accounts": "keep"}',
    '{"disposable_domains": "keep", "other_workspaces": "filter"}',
    '{"blocked_words": ["agent"]}',
    '{"no_such_rule": "keep"}',
)
patterns = st.one_of(
    spellings, st.sampled_from([CATCH_ALL.upper(), f"*.{CATCH_ALL}", "*.example", "oak.example "])
)
reasons = st.sampled_from(SuppressionReason)


class Filtering(Stage):
    """Judges what other stages bring."""

    @initialize(pattern=patterns)
    def begin(self, pattern: str) -> None:
        """Begin with a suppression for all."""
        self.suppress(None, [pattern], SuppressionReason.MANUAL)

    @rule(slug=slugs, limit=limits, death=deaths)
    def filter_page(self, slug: str, limit: int, death: str) -> None:
        """Judge a page, or die over it."""
        self.together(lambda place: survived(lambda: judge_page(place, slug, limit, death)))

    @rule(slug=slugs)
    def filter_rest(self, slug: str) -> None:
        """Judge all that waits at once."""
        self.filter_page(slug, MANY, "")

    @rule(slug=slugs, definition=st.sampled_from(RULES))
    def set_rules(self, slug: str, definition: str) -> None:
        """Set rules, for pages from now on."""
        self.together(
            lambda place: SetRules(place.record, place.record, place.site.clock)(
                slug, definition, by="pat"
            )
        )

    @rule(slug=slugs, definition=st.sampled_from(RULES))
    def try_rules(self, slug: str, definition: str) -> None:
        """Ask what a run would do now, and what other rules would have done."""
        self.together(lambda place: _rehearsed(place, slug))
        self.together(lambda place: _what_if(place, slug, definition))

    @rule(slug=slugs_or_all, lines=st.lists(patterns, max_size=3), reason=reasons)
    def suppress(self, slug: str | None, lines: list[str], reason: SuppressionReason) -> None:
        """Suppress some, of whom some are suppressed already."""
        self.together(
            lambda place: Suppress(place.record, place.record, place.site.clock)(
                slug, lines, reason, by="pat"
            )
        )

    @rule(slug=slugs_or_all, lines=st.lists(patterns, min_size=1, max_size=2))
    def unsuppress(self, slug: str | None, lines: list[str]) -> None:
        """Take suppressions away, where there are any."""
        self.together(lambda place: Unsuppress(place.record, place.record)(slug, lines))


def judge_page(place: StagePlace, slug: str, limit: int, death: str = "") -> object:
    """Judge the next page by the rules in force; return its codes."""
    id_, record = place.ids[slug], place.record
    version, judge = judges(record).in_force(id_)
    with record.raw_page(id_, limit=limit) as page:
        verdicts, candidates = judge.judge(page.rows, page)
        dies(death, BEFORE)
        page.close(verdicts, candidates, rules_version=version, at=place.site.clock.now())
        dies(death, AFTER)
    return [each[1:] for each in verdicts], [each[1:] for each in candidates]


def _rehearsed(place: StagePlace, slug: str) -> object:
    record = place.record
    rehearse = RehearseFilter(record, record, record, judges(record))
    return rehearse(slug, _silent, page_size=2)


def _what_if(place: StagePlace, slug: str, definition: str) -> object:
    record = place.record
    difference = WhatIf(record, record, record, judges(record))(slug, definition, _silent)
    changes = sorted((each.before, each.after, each.rows) for each in difference.changes)
    return difference.rows, difference.before, difference.after, changes


def _silent(rows: int, codes: Mapping[str, int]) -> None:
    """Tell nobody."""
