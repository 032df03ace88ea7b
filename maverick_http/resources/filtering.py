"""Which raw contacts are kept, which are not and why."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from maverick_core.access.rules import Action, Scope
from maverick_core.pipeline.filtering.codes import KEPT, shown_codes, words_of
from maverick_core.pipeline.filtering.ports import FilterCounts, RuleSets
from maverick_core.pipeline.filtering.request import RequestFilter
from maverick_core.pipeline.filtering.rule_set import (
    DEFAULTS_VERSION,
    RuleSet,
    RuleSetVersion,
    as_plain,
    parse_rule_set,
)
from maverick_core.pipeline.filtering.service import SetRules, WhatIf
from maverick_core.workspaces.ports import Workspaces
from maverick_http.paging import Cursor, page
from maverick_http.resources.operations import accepted
from maverick_http.routes import Call, Reply, route
from maverick_http.schemas.base import NoBody, NoQuery, Page, PageQuery
from maverick_http.schemas.filtering import (
    CodeAnswer,
    DifferenceAnswer,
    FilterCountsAnswer,
    Rules,
    RulesAnswer,
    RulesShown,
)
from maverick_http.schemas.operations import OperationAnswer
from maverick_http.versions import check_version

_RULES: Final = "/workspaces/{slug}/filtering/rules"
_VERSIONS: Final = Cursor("rule versions", int)
_JUDGED_AT_MOST: Final = 200_000
"""Raw contacts of a trial: some ten seconds of the minute that a request may take."""


@dataclass(frozen=True, slots=True)
class FilteringResource:
    """Rules: show, list, set, try. Raw contacts: count, judge."""

    workspaces: Workspaces
    rule_sets: RuleSets
    counts: FilterCounts
    set_rules: SetRules
    what_if: WhatIf
    request_filter: RequestFilter

    @route("GET", _RULES, scope=Scope.FILTERING_READ, answers=RulesAnswer)
    def show(self, call: Call[NoQuery], slug: str) -> Reply:  # noqa: ARG002 - nothing to ask
        """Show the rules in force. Their ETag is what a change is based on."""
        return self._in_force(slug)

    @route(
        "GET",
        _RULES + "/versions",
        scope=Scope.FILTERING_READ,
        takes=PageQuery,
        answers=Page[RulesAnswer],
    )
    def versions(self, call: Call[PageQuery], slug: str) -> Reply:
        """List every version that was ever set, the newest first."""
        before = _VERSIONS.read(call.given.cursor)
        found = [
            each
            for each in self.rule_sets.rule_sets(self.workspaces.workspace(slug).id)
            if before is None or each.version < before
        ]
        return Reply(
            page(
                found,
                call.given.limit,
                show=lambda each: _shown(slug, each),
                cursor=lambda last: _VERSIONS.write(last.version),
            )
        )

    @route(
        "PUT",
        _RULES,
        scope=Scope.FILTERING_WRITE,
        takes=Rules,
        answers=RulesAnswer,
        conditional=True,
        audited=Action.RULES_SET,
    )
    def change(self, call: Call[Rules], slug: str) -> Reply:
        """Put a rule set in force, from the next run on. What was judged stays as it is."""
        version = self._version(slug)
        check_version(call.if_match, [slug, version])
        self.set_rules(slug, _definition(call.given), by=call.actor, seen=call.seen(version))
        return self._in_force(slug)

    @route(
        "POST",
        "/workspaces/{slug}/filtering:what-if",
        scope=Scope.FILTERING_WRITE,
        takes=Rules,
        answers=DifferenceAnswer,
        everywhere=True,
    )
    def compare(self, call: Call[Rules], slug: str) -> Reply:
        """Try a rule set on the contacts that were judged already, and change nothing.

        Other workspaces' contacts are looked at. Of more than 200,000 contacts the oldest are
        tried; the command line tries them all.
        """
        difference = self.what_if(
            slug, _definition(call.given), lambda *_: None, at_most=_JUDGED_AT_MOST
        )
        return Reply(DifferenceAnswer.model_validate(difference))

    @route(
        "GET",
        "/workspaces/{slug}/filtering/counts",
        scope=Scope.FILTERING_READ,
        answers=FilterCountsAnswer,
    )
    def count(self, call: Call[NoQuery], slug: str) -> Reply:
        """Count the raw contacts that were judged, by code."""
        found = self.counts.filter_counts(self.workspaces.workspace(slug).id)
        shown = shown_codes(found, everywhere=call.caller.slug is None)
        codes = sorted(shown.items(), key=lambda each: (-each[1], each[0]))
        return Reply(
            FilterCountsAnswer(
                workspace=slug,
                judged=sum(shown.values()),
                kept=shown.get(KEPT, 0),
                codes=[_code(code, rows) for code, rows in codes if code != KEPT],
            )
        )

    @route(
        "POST",
        "/workspaces/{slug}/filtering/runs",
        scope=Scope.FILTERING_WRITE,
        takes=NoBody,
        answers=OperationAnswer,
        status=HTTPStatus.ACCEPTED,
        once=True,
        audited=Action.FILTER_RUN,
    )
    def run(self, call: Call[NoBody], slug: str) -> Reply:
        """Ask for the raw contacts that wait to be judged, by the rules in force then.

        A worker does it; what is kept waits for verification.
        """
        return accepted(self.request_filter(slug, by=call.actor), call.caller)

    def _version(self, slug: str) -> int:
        versions = self.rule_sets.rule_sets(self.workspaces.workspace(slug).id)
        return versions[0].version if versions else DEFAULTS_VERSION

    def _in_force(self, slug: str) -> Reply:
        versions = self.rule_sets.rule_sets(self.workspaces.workspace(slug).id)
        shown = _shown(slug, versions[0] if versions else None)
        return Reply(shown, version=[slug, shown.version])


def _shown(slug: str, found: RuleSetVersion | None) -> RulesAnswer:
    rules = parse_rule_set(found.definition) if found else RuleSet()
    return RulesAnswer(
        workspace=slug,
        version=found.version if found else DEFAULTS_VERSION,
        by=found.by if found else None,
        at=found.at if found else None,
        rules=RulesShown.model_validate(as_plain(rules)),
    )


def _code(code: str, rows: int) -> CodeAnswer:
    return CodeAnswer(code=code, rows=rows, meaning=words_of(code).meaning)


def _definition(given: Rules) -> str:
    return json.dumps(given.model_dump())
