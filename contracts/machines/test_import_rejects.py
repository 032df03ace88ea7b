"""import(fix(rejects(import(x)))) = import(fixed x), whatever is fixed when, and imported twice."""

from __future__ import annotations

from collections import Counter
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.machines.importing import ImportRig
from contracts.machines.lists import FLAWS, contents, corrected, listed
from contracts.store.site import SiteFactory
from maverick_core.pipeline.raw_import.rules import Import

SHAPE: Final = {"ragged_row", "unreadable", "repeated_header"}
# Few mailboxes, so that they meet.
ROWS: Final = st.lists(
    st.tuples(st.sampled_from(sorted(FLAWS)), st.sampled_from("abc")), max_size=7
)
CHOICE: Final = st.sets(st.integers(0, 6))
# What somebody does: fix some rows of one of the rejects files that there are, and import it.
STEPS: Final = st.lists(st.tuples(st.integers(0, 3), CHOICE, CHOICE), max_size=4)


def outcome(rig: ImportRig) -> tuple[list[str], Counter[str], int]:
    """Return who was kept, what is open, and how many rows there are, each counted once."""
    found = rig.site.record.imports(rig.workspace_id)
    codes = Counter[str]()
    for code, rows in rig.open.items():
        codes["shape" if code in SHAPE else code] += rows
    count = sum(each.rows - each.corrected for each in found)
    return rig.kept, codes, count


def check(
    sites: SiteFactory,
    rows: list[tuple[str, str]],
    steps: list[tuple[int, set[int], set[int]]],
) -> None:
    """Import, correct and import again, and compare with the file that had no such flaws."""
    rig = ImportRig(sites())
    first = rig.imported(listed(rows, set()))
    files = [rig.rejects(first)]
    fixed: set[int] = set()
    for which, fix, drop in steps:
        file = files[which % len(files)]
        if file.count(b"\n") > 1:
            saved = corrected(file, rows, fix, drop)
            # The last word on a row that is open is what somebody imported last.
            said = {ref: good for ref, good in contents(saved, rows).items() if ref in open_(rig)}
            fixed = {ref for ref in {*fixed, *said} if said.get(ref, ref in fixed)}
            again = rig.imported(saved)
            assert_taken_once(again)
            files.append(rig.rejects(again))
    at_the_end = outcome(rig)
    assert rig.broken() == []

    straight = ImportRig(sites())
    straight.imported(listed(rows, fixed))
    assert at_the_end == outcome(straight)


def open_(rig: ImportRig) -> set[int]:
    """Return the rows that wait for their correction."""
    found = rig.site.record.imports(rig.workspace_id)
    nothing: list[tuple[str, str]] = [("", "")] * 7
    return {ref for each in found for ref in contents(rig.rejects(each), nothing)}


def assert_taken_once(found: Import) -> None:
    """Each row of a rejects file takes another's place, or counts for nothing."""
    assert found.rows == found.corrected


@settings(max_examples=150, deadline=None)
@given(ROWS, STEPS)
def test_correcting_rejects_comes_to_the_same_as_a_file_without_flaws(
    memory_sites: SiteFactory,
    rows: list[tuple[str, str]],
    steps: list[tuple[int, set[int], set[int]]],
) -> None:
    """Fixed at once or bit by bit, out of any rejects file there is, however often imported."""
    check(memory_sites, rows, steps)


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_both_databases_count_no_row_twice(request: pytest.FixtureRequest, database: str) -> None:
    """The same law on a few histories that have all of it."""
    sites: SiteFactory = request.getfixturevalue(f"{database}_sites")
    flaws = sorted(FLAWS)
    rows = [(flaw, "abc"[at % 3]) for at, flaw in enumerate(flaws)][:7]

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def histories(steps: list[tuple[int, set[int], set[int]]]) -> None:
        check(sites, rows, [(0, {0, 1}, set()), (1, {2, 3, 4}, {5}), (0, {0, 1, 6}, set()), *steps])

    histories()


def test_a_token_of_another_workspace_or_another_file_means_nothing(
    memory_sites: SiteFactory,
) -> None:
    """Nobody closes others' rows: the row is then one like any other."""
    site = memory_sites()
    acme, zeta = ImportRig(site), ImportRig(site, slug="zeta")
    first = acme.imported(listed([("bad e-mail", "a")], set()))
    file = corrected(acme.rejects(first), [("bad e-mail", "a")], {0}, set())

    foreign = zeta.imported(file)
    mark = first.digest[:8].encode()
    other = acme.imported(file.replace(mark, b"00000000"))

    assert (foreign.corrected, foreign.rows, zeta.kept) == (0, 1, ["a@oak.example"])
    assert (other.corrected, other.rows) == (0, 1)
    assert site.record.fates(first.id)["open"] == 1
