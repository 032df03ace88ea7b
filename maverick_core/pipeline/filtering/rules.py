"""The rules: the first one that a raw contact breaks gives its code.

They are asked in the order of ``FilterCode``. First whether there is a mailbox at all; then whether
it must not be written to, because no other reason may hide that one; then what the contact itself
says; and only then whether the mailbox is there already.

That duplicates come last makes the set of mailboxes that are kept independent of the order of rows.
All other rules look at one contact alone, so which contacts pass them does not depend on an order.
A mailbox is kept if any contact with it passes, whichever came first, unless somebody had it
before. Were duplicates told first, a good row behind a bad one of the same mailbox would be lost.
Of several that pass in one page the most complete is kept, the one further up if they are equal;
what an earlier page kept stays.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from maverick_core.kernel.email import BadEmail, normalise_email
from maverick_core.pipeline.filtering.codes import KEPT, FilterCode
from maverick_core.pipeline.filtering.disposable import DisposableList
from maverick_core.pipeline.filtering.drafts import Drafts, Unfit
from maverick_core.pipeline.filtering.mailboxes import is_free_mail, is_role_account
from maverick_core.pipeline.filtering.ports import (
    Candidate,
    Cleaner,
    Facts,
    Holder,
    RawContact,
    Verdict,
)
from maverick_core.pipeline.filtering.rule_set import RuleSet
from maverick_core.suppression.rules import Match, SuppressionKind


class Judgement(NamedTuple):
    """One verdict for each raw contact, in their order, and the candidates among them."""

    verdicts: Sequence[Verdict]
    candidates: Sequence[Candidate]


class Judge:
    """Judges raw contacts by one rule set."""

    def __init__(self, rules: RuleSet, cleaner: Cleaner, disposable: DisposableList) -> None:
        """Settle what is the same for all contacts."""
        self.rules = rules
        self._drafts = Drafts(cleaner)
        self._disposable = disposable if rules.disposable_domains else None

    def judge(
        self, rows: Sequence[RawContact], facts: Facts, *, favoured: Collection[int] = ()
    ) -> Judgement:
        """Return what becomes of ``rows``; ``facts`` is asked twice, whatever their number.

        Of several with one mailbox the ``favoured`` ids go before the most complete.
        """
        found: dict[int, Verdict] = {}
        addressed = _addressed(rows, found)
        suppressed = facts.suppressed({email for _, email in addressed})
        passed: list[tuple[RawContact, Candidate]] = []
        for raw, email in addressed:
            try:
                _check_suppression(suppressed.get(email))
                check_mailbox(email, self.rules, self._disposable)
                candidate = self._drafts.draft(raw, email)
                check_fields(candidate, self.rules, self._blocked)
            except Unfit as unfit:
                found[raw.id] = Verdict(raw.id, unfit.code, unfit.detail)
            else:
                passed.append((raw, candidate))
        everywhere = self.rules.other_workspaces
        holders = facts.holders({each.email for _, each in passed}, everywhere=everywhere)
        kept = _compete(passed, holders, found, favoured)
        return Judgement([found[raw.id] for raw in rows], kept)

    @cached_property
    def _blocked(self) -> re.Pattern[str] | None:
        words = map(re.escape, self.rules.blocked_words)
        return (
            re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)") if self.rules.blocked_words else None
        )


def check_mailbox(email: str, rules: RuleSet, disposable: DisposableList | None) -> None:
    """Raise ``Unfit`` where the mailbox is not a person's own at work."""
    local, _, domain = email.rpartition("@")
    if "xn--" in domain and is_lookalike(domain):
        raise Unfit(FilterCode.LOOKALIKE_DOMAIN)
    if rules.role_accounts and is_role_account(local):
        raise Unfit(FilterCode.ROLE_ACCOUNT)
    if disposable and disposable.covers(domain):
        raise Unfit(FilterCode.DISPOSABLE_DOMAIN, f"Version of the list: {disposable.version}")
    if rules.personal_domains and is_free_mail(domain):
        raise Unfit(FilterCode.PERSONAL_DOMAIN)


def check_fields(
    candidate: Candidate, rules: RuleSet, blocked: re.Pattern[str] | None = None
) -> None:
    """Raise ``Unfit`` where the client does not want the contact; ``blocked`` finds its words."""
    if rules.states and not (
        candidate.state in rules.states if candidate.state else not rules.unknown_state
    ):
        detail = "" if candidate.state else "No state can be read."
        raise Unfit(FilterCode.STATE_OUTSIDE, detail)
    line = candidate.line_of_business
    if rules.lines_of_business and not (
        line.lower() in rules.lines_of_business if line else not rules.unknown_line_of_business
    ):
        detail = "" if line else "No line of business is given."
        raise Unfit(FilterCode.LINE_OF_BUSINESS_OUTSIDE, detail)
    if blocked:
        texts = (candidate.first_name, candidate.last_name, candidate.title, candidate.company)
        if match := blocked.search("\n".join(text.lower() for text in texts if text)):
            raise Unfit(FilterCode.BLOCKED_WORD, f"Word: {match[0]}")


def is_lookalike(domain: str) -> bool:
    """Say whether a label of the domain, in its ASCII form, mixes Latin with letters like it."""
    return any(_mixes(label) for label in domain.split(".") if label.startswith("xn--"))


def _mixes(label: str) -> bool:
    try:
        letters = label.encode("ascii").decode("idna")
    except UnicodeError:
        return True
    alphabets = {unicodedata.name(char, "").split()[0] for char in letters if char.isalpha()}
    return "LATIN" in alphabets and not alphabets.isdisjoint({"CYRILLIC", "GREEK", "ARMENIAN"})


def _addressed(
    rows: Sequence[RawContact], found: dict[int, Verdict]
) -> list[tuple[RawContact, str]]:
    """Pair rows with their normalised e-mails; those that have none are judged by that."""
    pairs = []
    for raw in rows:
        try:
            pairs.append((raw, normalise_email(raw.email or "")))
        except BadEmail as error:
            found[raw.id] = Verdict(raw.id, FilterCode(error.code), "")
    return pairs


def _check_suppression(match: Match | None) -> None:
    if match:
        by_email = match.kind is SuppressionKind.EMAIL
        code = FilterCode.SUPPRESSED_EMAIL if by_email else FilterCode.SUPPRESSED_DOMAIN
        raise Unfit(code, f"Reason: {match.reason}")


def _compete(
    passed: Sequence[tuple[RawContact, Candidate]],
    holders: Mapping[str, Holder],
    found: dict[int, Verdict],
    favoured: Collection[int],
) -> list[Candidate]:
    """Keep one of each mailbox that nobody has, and judge all who passed by that."""
    best: dict[str, tuple[RawContact, Candidate]] = {}
    for pair in passed:
        email = pair[1].email
        if email not in holders:
            before = best.get(email)
            if before is None or _rank(pair, favoured) < _rank(before, favoured):
                best[email] = pair
    for raw, candidate in passed:
        winner = best.get(candidate.email)
        if winner and winner[0] is raw:
            found[raw.id] = Verdict(raw.id, KEPT, "")
        elif winner:
            holder = Holder("", winner[0].origin)
            found[raw.id] = _duplicate(raw, holder)
        else:
            found[raw.id] = _duplicate(raw, holders[candidate.email])
    return sorted(candidate for _, candidate in best.values())


def _rank(
    pair: tuple[RawContact, Candidate], favoured: Collection[int]
) -> tuple[bool, int, int, int]:
    raw, candidate = pair
    filled = sum(field is not None for field in candidate)
    return raw.id not in favoured, -filled, raw.row_number, raw.id


def _duplicate(raw: RawContact, holder: Holder) -> Verdict:
    if holder.origin == raw.origin:
        return Verdict(raw.id, FilterCode.DUPLICATE_IN_FILE, "")
    if holder.slug:
        return Verdict(raw.id, FilterCode.DUPLICATE_IN_OTHER_WORKSPACE, f"Workspace: {holder.slug}")
    return Verdict(raw.id, FilterCode.DUPLICATE_IN_WORKSPACE, "")
