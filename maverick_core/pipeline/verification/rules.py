"""Which candidates are settled by what is known, and whom it is worth asking about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from maverick_core.pipeline.verification.verdicts import Finding, Policy, Reason, Verdict


class Waiting(NamedTuple):
    """A candidate without a verdict."""

    id: int
    email: str


class Settled(NamedTuple):
    """A candidate's verdict; ``mailable`` is what the policy makes of it."""

    candidate_id: int
    verdict: Verdict
    reason: Reason
    mailable: bool


def domain_of(email: str) -> str:
    """Return the domain of a normalised address."""
    return email.rpartition("@")[2]


def settle(
    waiting: Iterable[Waiting],
    known: Mapping[str, Finding],
    catch_all: Mapping[str, bool],
    policy: Policy,
) -> Iterator[Settled]:
    """Yield the verdict of each candidate whose mailbox, or whose domain, is known.

    ``catch_all`` are the domains that are remembered, True where any name is taken. What is known
    of the mailbox itself goes before what is known of its domain.
    """
    for each in waiting:
        found = known.get(each.email)
        if found is None and catch_all.get(domain_of(each.email)):
            found = Finding(each.email, Verdict.RISKY, Reason.CATCH_ALL)
        if found is not None:
            mailable = policy.accepts(found.verdict, found.reason)
            yield Settled(each.id, found.verdict, found.reason, mailable)


def worth_asking(
    emails: Sequence[str], catch_all: Mapping[str, bool], *, limit: int
) -> Sequence[str]:
    """Return whom to ask about now, at most ``limit``, each once, in their order.

    Of a domain that nothing is remembered of, one mailbox is asked for first: if the domain takes
    any name, the rest of it need not be paid for. Those follow with the next question.
    """
    chosen: dict[str, None] = {}
    probed: set[str] = set()
    for email in emails:
        if len(chosen) == limit:
            break
        domain = domain_of(email)
        if domain not in catch_all:
            if domain in probed:
                continue
            probed.add(domain)
        chosen[email] = None
    return tuple(chosen)


def remembered_domains(findings: Iterable[Finding]) -> Mapping[str, bool]:
    """Return what the findings tell of domains: True where any name is taken.

    A domain that was asked about is not probed again, whatever came of it: one that does not
    answer would be asked mailbox by mailbox for ever.
    """
    domains: dict[str, bool] = {}
    for finding in findings:
        domain = domain_of(finding.email)
        if finding.reason is Reason.CATCH_ALL:
            domains[domain] = True
        else:
            domains.setdefault(domain, False)
    return domains
