"""A small world around one store: the outside, and what people decide about all of it.

Two workspaces, at most eight mailboxes, and everything in pages, questions and batches of two.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from contracts.machines.importing import ImportRig
from contracts.machines.lists import corrected, listed
from contracts.machines.provider import Provider
from contracts.store.site import LEASE, NOVEMBER, Site
from maverick_adapters.memory import MemoryBison, MemoryRandomness
from maverick_adapters.memory.site import MemorySite
from maverick_core.kernel.time import Month
from maverick_core.pipeline.filtering.service import SetRules
from maverick_core.pipeline.master_fill.overlap import Overlap
from maverick_core.pipeline.raw_import.rules import Import
from maverick_core.pipeline.scraping.service import LEASE_SECONDS
from maverick_core.pipeline.scraping.source import parse_source
from maverick_core.pipeline.upload.answers import Unavailable
from maverick_core.pipeline.verification.service import SetPolicy
from maverick_core.pipeline.verification.verdicts import Policy, Reason, Verdict
from maverick_core.suppression.rules import SuppressionReason
from maverick_core.suppression.service import Suppress, Unsuppress

ACME, ZETA = "acme", "zeta"
SLUGS: Final = (ACME, ZETA)
CAMPAIGN: Final = 42
TARGET: Final = 3
SIZE: Final = 2  # of a page, a question and a batch; a request carries one lead

ANN, BOB, CYD, DEE, GUS, HAL = (
    f"{name}@oak.example" for name in ("ann", "bob", "cyd", "dee", "gus", "hal")
)
EVE, FAY = "eve@any.example", "fay@any.example"  # their domain takes any name
MAILBOXES: Final = (ANN, BOB, CYD, DEE, EVE, FAY, GUS, HAL)
LISTED: Final = ("ann", "bob", "cyd", "dee")
PAGES: Final = ((EVE, FAY), (GUS, ANN), (HAL,))
"""Who is on which page of the directory: each of them once."""

Row = tuple[str, str]
"""A row of a list: its flaw, and whose it is."""


def directory() -> MemorySite:
    """Return a site of JSON pages that stand as ``PAGES`` say."""
    site = MemorySite()
    for number, emails in enumerate(PAGES, start=1):
        following = page_url(number + 1) if number < len(PAGES) else None
        agents = [{"email": email, "name": person(email)} for email in emails]
        body = json.dumps({"agents": agents, "next": following})
        site.put(page_url(number), body.encode(), "application/json")
    return site


@dataclass
class World:
    """The store with what is around it.

    What people decided is kept beside the record too, for laws that must not ask the record:
    ``unwanted`` who is suppressed where (None: everywhere), ``risks`` what a workspace ever took,
    ``lists`` and ``rows`` what each list was and how many rows it has. ``harassed`` are those who
    were written to although they were unwanted when their request was made. The destination
    ``is_down`` while that is said.
    """

    site: Site
    unwanted: set[tuple[str | None, str]] = field(default_factory=set)
    risks: defaultdict[str, set[Reason]] = field(default_factory=lambda: defaultdict(set))
    rows: dict[int, int] = field(default_factory=dict)
    lists: dict[int, list[Row]] = field(default_factory=dict)
    harassed: set[str] = field(default_factory=set)
    is_down: bool = False

    def __post_init__(self) -> None:
        """Open the workspaces and the outside."""
        site = self.site
        self.clock, self.record = site.clock, site.record
        self.directory = directory()
        self.provider = Provider(site.clock)
        self.provider.kinds = {
            CYD: (Verdict.INVALID, Reason.NO_SUCH_MAILBOX),
            DEE: (Verdict.UNKNOWN, Reason.NO_ANSWER),
            HAL: (Verdict.RISKY, Reason.ROLE),
        }
        self.randomness = MemoryRandomness()
        self.bison = MemoryBison(
            on_push=lambda *_: Unavailable("502") if self.is_down else None,
            refused={GUS: "bad e-mail"},
            skipped={BOB},
            not_attachable={FAY: "in a sequence"},
        )
        self.workspaces = {
            slug: site.workspace(slug, campaign_id=campaign, target=TARGET)
            for slug, campaign in ((ACME, CAMPAIGN), (ZETA, None))
        }
        self.importing = {slug: ImportRig(site, SIZE, slug) for slug in SLUGS}
        for slug in SLUGS:
            self.risks[slug] |= Policy().risks
        self.set_overlap(ZETA, 10)

    def id_of(self, slug: str) -> int:
        """Return the workspace's id."""
        return self.workspaces[slug].id

    def is_unwanted(self, workspace_id: int, email: str) -> bool:
        """Say whether nobody may write to the mailbox there, as people decided it."""
        slugs = [None, *(slug for slug in SLUGS if self.id_of(slug) == workspace_id)]
        patterns = {email, email.rpartition("@")[2]}
        return any((slug, pattern) in self.unwanted for slug in slugs for pattern in patterns)

    def leases_run_out(self) -> None:
        """Let everybody who died be replaced, of scrape runs too, whose leases are the longest."""
        for _ in range(int(LEASE_SECONDS // LEASE) + 1):
            self.site.leases_run_out()

    # What people decide

    def bring_list(self, slug: str, rows: Sequence[Row]) -> Import:
        """Take a list in and have it imported."""
        return self._started(slug, listed(list(rows), set()), list(rows))

    def bring_rejects(self, slug: str, found: Import, fix: set[int]) -> Import | None:
        """Correct rows of an import's rejects file and have it imported; None where none is open.

        Rows that are not corrected come back as they are.
        """
        file = self.importing[slug].rejects(found)
        rows = self.lists[found.id]
        back = corrected(file, rows, fix, set())
        return self._started(slug, back, rows) if back.count(b"\n") > 1 else None

    def _started(self, slug: str, file: bytes, rows: list[Row]) -> Import:
        begun = self.importing[slug].started(file)
        self.lists[begun.id], self.rows[begun.id] = rows, file.count(b"\n") - 1
        return begun

    def visit(self, slug: str) -> None:
        """Have the directory scraped for a workspace."""
        whose, now = self.id_of(slug), self.clock.now()
        source_id = self.record.put_source(whose, DIRECTORY, by="pat", at=now)
        self.record.begin_run(source_id, at=now)

    def set_rules(self, slug: str, **rules: object) -> None:
        """Filter by other rules from now on."""
        SetRules(self.record, self.record, self.clock)(slug, json.dumps(rules), by="pat")

    def suppress(self, slug: str | None, pattern: str) -> None:
        """Let nobody write to a mailbox or a domain, in one workspace or in all."""
        use_case = Suppress(self.record, self.record, self.clock)
        use_case(slug, [pattern], SuppressionReason.UNSUBSCRIBED, by="pat")
        self.unwanted.add((slug, pattern))

    def lift(self, slug: str | None, pattern: str) -> None:
        """Take that back."""
        self.unwanted.discard((slug, pattern))
        Unsuppress(self.record, self.record)(slug, [pattern])

    def set_target(self, slug: str, contacts: int, month: Month = NOVEMBER) -> None:
        """Want so many in a month."""
        self.record.set_target(self.id_of(slug), month, contacts, at=self.clock.now())

    def take_risks(self, slug: str, *risks: Reason) -> None:
        """Accept these risks."""
        self.risks[slug] |= set(risks)
        SetPolicy(self.record, self.record, self.clock)(slug, risks, by="pat")

    def set_overlap(self, slug: str, days: int | None) -> None:
        """Let a workspace's refills come so close to the others."""
        self.record.set_overlap(self.id_of(slug), Overlap(days), by="pat", at=self.clock.now())

    def month(self, slug: str, now: datetime) -> Month:
        """Return the present month there."""
        return Month.of(now, self.workspaces[slug].zone)


def person(email: str) -> str:
    """Return the name of whoever has the mailbox."""
    return f"{email.partition('@')[0].title()} Lee"


def page_url(number: int) -> str:
    """Return where a page of the directory is, from 1."""
    return f"https://directory.example/agents?page={number}"


_DESCRIBED: Final[Mapping[str, object]] = {
    "name": "directory",
    "kind": "json",
    "start": page_url(1),
    "item": "agents",
    "next": "next",
    "fields": {"email": "email", "full_name": "name"},
}
DIRECTORY: Final = parse_source(_DESCRIBED)
