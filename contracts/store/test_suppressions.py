"""``SuppressionList``: who must not be written to, for one workspace or for all."""

from __future__ import annotations

from functools import partial

import pytest

from contracts.store.site import Site, at_once
from maverick_core.kernel.errors import Missing
from maverick_core.suppression.rules import (
    Match,
    SuppressionKind,
    SuppressionReason,
    parse_target,
)
from maverick_core.workspaces.rules import Workspace

UNSUBSCRIBED, MANUAL = SuppressionReason.UNSUBSCRIBED, SuppressionReason.MANUAL


@pytest.fixture
def acme(site: Site) -> Workspace:
    """Add a workspace."""
    return site.workspace()


def suppress(
    site: Site,
    workspace: Workspace | None,
    *patterns: str,
    reason: SuppressionReason = MANUAL,
) -> int:
    """Suppress now; return how many are new."""
    return site.record.add_suppressions(
        workspace.id if workspace else None,
        [parse_target(pattern) for pattern in patterns],
        reason,
        by="pat",
        at=site.clock.now(),
    )


def patterns(site: Site, workspace: Workspace | None) -> list[str]:
    """Return what holds there."""
    rows = site.record.suppressions(workspace.id if workspace else None, limit=99)
    return [row.target.pattern for row in rows]


def test_a_suppression_comes_back_as_it_went_in(site: Site, acme: Workspace) -> None:
    """With who, when and why."""
    suppress(site, acme, "*.agency.example", reason=SuppressionReason.COMPLAINED)

    [row] = site.record.suppressions(acme.id, limit=9)
    assert (row.workspace_id, row.target.pattern) == (acme.id, "*.agency.example")
    assert (row.reason, row.by, row.at) == (
        SuppressionReason.COMPLAINED,
        "pat",
        site.clock.now(),
    )


def test_those_that_stand_for_a_workspace_are_listed_without_those_for_all(
    site: Site, acme: Workspace
) -> None:
    """Page by page, and another workspace's never."""
    suppress(site, None, "all.example")
    suppress(site, acme, "a.example", "b.example")
    suppress(site, site.workspace("zeta"), "zeta.example")

    first, second = site.record.suppressions(acme.id, limit=9, own=True)
    assert [first.target.pattern, second.target.pattern] == ["a.example", "b.example"]
    assert site.record.suppressions(acme.id, after=first.id, limit=9, own=True) == [second]
    assert [row.target.pattern for row in site.record.suppressions(None, limit=9, own=True)] == [
        "all.example"
    ]


def test_what_is_suppressed_already_stays_as_it_is(site: Site, acme: Workspace) -> None:
    """An unsubscribe is not turned into a note of somebody's."""
    assert suppress(site, acme, "ann@x.example", "x.example", reason=UNSUBSCRIBED) == 2
    assert suppress(site, acme, "ann@x.example", "*.x.example", "*.x.example") == 1

    email = "ann@x.example"
    assert site.record.suppressed(acme.id, [email]) == {
        email: Match(SuppressionKind.EMAIL, UNSUBSCRIBED)
    }


def test_one_for_all_holds_in_every_workspace(site: Site, acme: Workspace) -> None:
    """And one of a workspace in that one only; the same target may stand for both."""
    zeta = site.workspace("zeta")
    assert suppress(site, None, "ann@x.example") == 1
    assert suppress(site, None, "ann@x.example") == 0
    assert suppress(site, acme, "ann@x.example", "bob@x.example") == 2

    emails = ["ann@x.example", "bob@x.example", "cy@x.example"]
    assert site.record.suppressed(acme.id, emails).keys() == set(emails[:2])
    assert site.record.suppressed(zeta.id, emails).keys() == set(emails[:1])
    assert patterns(site, None) == ["ann@x.example"]
    assert patterns(site, zeta) == ["ann@x.example"]
    assert len(patterns(site, acme)) == 3


@pytest.mark.parametrize(
    ("pattern", "covered"),
    [
        ("x.example", {"ann@x.example"}),
        ("*.x.example", {"ann@x.example", "ann@mx.x.example", "ann@a.mx.x.example"}),
        ("*.mx.x.example", {"ann@mx.x.example", "ann@a.mx.x.example"}),
        ("bob@x.example", set()),
    ],
)
def test_a_domain_covers_what_its_pattern_says(
    site: Site, acme: Workspace, pattern: str, covered: set[str]
) -> None:
    """Looked up by keys, never by a search through all."""
    suppress(site, acme, pattern)
    emails = ["ann@x.example", "ann@mx.x.example", "ann@a.mx.x.example", "ann@ax.example"]

    assert site.record.suppressed(acme.id, emails).keys() == covered


def test_thousands_are_looked_up_at_once(site: Site, acme: Workspace) -> None:
    """However many are asked about."""
    suppress(site, acme, *(f"p{number}@x{number}.example" for number in range(0, 6_000, 3)))
    emails = [f"p{number}@x{number}.example" for number in range(6_000)]

    assert len(site.record.suppressed(acme.id, emails)) == 2_000
    assert site.record.suppressed(acme.id, []) == {}


def test_a_suppression_is_taken_away_where_it_stands(site: Site, acme: Workspace) -> None:
    """Nobody lifts what holds for all by lifting it for one."""
    suppress(site, None, "ann@x.example")
    suppress(site, acme, "x.example", "y.example")
    targets = [parse_target(pattern) for pattern in ("ann@x.example", "x.example", "z.example")]

    assert site.record.remove_suppressions(acme.id, targets) == 1
    assert patterns(site, acme) == ["ann@x.example", "y.example"]
    assert site.record.remove_suppressions(None, targets) == 1
    assert patterns(site, acme) == ["y.example"]


def test_suppressions_are_listed_page_by_page(site: Site, acme: Workspace) -> None:
    """In order of id."""
    suppress(site, acme, *(f"p{number}@x.example" for number in range(7)))
    first = site.record.suppressions(acme.id, limit=4)
    rest = site.record.suppressions(acme.id, after=first[-1].id, limit=4)

    assert [len(first), len(rest)] == [4, 3]
    assert sorted({row.id for row in (*first, *rest)}) == [row.id for row in (*first, *rest)]


def test_an_unknown_workspace_is_missing(site: Site) -> None:
    """Its suppressions would hold nowhere."""
    with pytest.raises(Missing):
        site.record.add_suppressions(
            99, [parse_target("x.example")], MANUAL, by="pat", at=site.clock.now()
        )


def test_the_same_target_at_once_is_added_once(site: Site, acme: Workspace) -> None:
    """Webhooks of one unsubscribe come in twos."""
    calls = [partial(suppress, site, whom, "ann@x.example") for whom in (None, acme) * 5]

    assert sum(map(int, at_once(*calls))) == 2  # type: ignore[arg-type]
    assert len(patterns(site, acme)) == 2
