"""All stores are one before the upload too: pages, rows, verdicts, questions, lists, operations.

The universe is tiny, so that histories meet in it: two workspaces, eight mailboxes badly written
down, pages of one to three rows, three questions a day, and workers that die or come late.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partialmethod
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from contracts.machines.stages import mutants, told
from contracts.machines.stages.filtering import Filtering
from contracts.machines.stages.importing import Importing
from contracts.machines.stages.listing import Listing
from contracts.machines.stages.operating import Operating
from contracts.machines.stages.scraping import Scraping
from contracts.machines.stages.stage import Stage
from contracts.machines.stages.verifying import Verifying
from contracts.store.site import SiteFactory
from maverick_adapters.memory import MemoryStore

# A store that takes its time is not a fault of the history.
PATIENT: Final = settings(suppress_health_check=[HealthCheck.too_slow])

# Histories are the same every time, and one that shows the mistake need not become a short one.
FOUND: Final = settings(
    PATIENT, phases=[Phase.generate], derandomize=True, database=None, report_multiple_bugs=False
)


class Scraped(Scraping, Filtering):
    """Pages of sources, and what the filter makes of them."""

    tells = (told.raw_contacts, told.suppressions, told.rule_sets, told.sources)


class Imported(Importing, Filtering):
    """Pages of files, and what the filter makes of them."""

    tells = (told.raw_contacts, told.suppressions, told.rule_sets, told.imports)


class Verified(Verifying):
    """Candidates, and what is found out about them."""

    tells = (told.raw_contacts, told.verification, told.beliefs)


class Listed(Listing, Filtering):
    """The master list, what it is told, and what it gives."""

    tells = (told.raw_contacts, told.contacts, told.master, told.refills)


class Operated(Operating):
    """Operations, whatever they are to do."""

    tells = (told.operations,)


MACHINES: Final = [Scraped, Imported, Verified, Listed, Operated]


def live(machine: type[Stage], factories: Sequence[SiteFactory], limits: settings) -> None:
    """Let a machine live through histories of the stores."""
    together = type(
        machine.__name__, (machine,), {"__init__": partialmethod(machine.__init__, *factories)}
    )
    run_state_machine_as_test(together, settings=limits)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.__name__)
@pytest.mark.parametrize(
    ("stores", "histories", "steps"),
    [
        pytest.param(["memory"], 300, 25, id="memory"),
        pytest.param(["memory", "sqlite"], 4, 20, id="sqlite"),
        pytest.param(["memory", "sqlite", "postgres"], 8, 20, id="postgres"),
    ],
)
def test_stores_agree_about_every_stage(
    request: pytest.FixtureRequest,
    machine: type[Stage],
    stores: list[str],
    histories: int,
    steps: int,
) -> None:
    """Same results, same errors, same record after every step; and the laws hold in each."""
    factories = [request.getfixturevalue(f"{name}_sites") for name in stores]
    live(machine, factories, settings(PATIENT, max_examples=histories, stateful_step_count=steps))


@pytest.mark.parametrize(
    ("mutant", "machine"),
    [
        (mutants.MovesTheMarkFirst, Scraped),
        (mutants.KeepsWhatTheDeadDid, Scraped),
        (mutants.LetsSuppressedThrough, Scraped),
        (mutants.KnowsNoDomains, Scraped),
        (mutants.TakesLatePages, Scraped),
        (mutants.TakesLatePages, Imported),
        (mutants.ClosesRejectsTwice, Imported),
        (mutants.CallsTheKeptOpen, Imported),
        (mutants.BelievesTooLong, Verified),
        (mutants.AnswersTwice, Verified),
        (mutants.SpendsAnotherDaysBudget, Verified),
        (mutants.TakesBackTheBelieved, Verified),
        (mutants.CountsWorkspacesTwice, Listed),
        (mutants.BringsTwice, Listed),
        (mutants.EndsForTheLate, Operated),
        (mutants.ClaimsForEver, Operated),
    ],
    ids=lambda each: each.__name__,
)
def test_a_store_with_one_mistake_is_caught(
    memory_sites: SiteFactory, mutant: type[MemoryStore], machine: type[Stage]
) -> None:
    """The docstring of each mutant is the mistake; it is found among half as many histories."""
    soon = settings(FOUND, max_examples=150, stateful_step_count=25)

    with pytest.raises(AssertionError):
        live(machine, [memory_sites, mutants.sites_of(mutant)], soon)
