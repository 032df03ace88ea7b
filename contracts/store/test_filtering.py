"""``RawPages``, ``FilterHistory``, ``RuleSets``: each raw contact is judged once, for ever."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pytest

from contracts.store.site import Site, at_once
from maverick_core.kernel.errors import Conflict, Missing
from maverick_core.pipeline.filtering.codes import KEPT, FilterCode
from maverick_core.pipeline.filtering.ports import Candidate, Holder, RawPage, Verdict
from maverick_core.pipeline.invariants import RAW, raw_buckets, raw_buckets_add_up
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind
from maverick_core.suppression.rules import Match, SuppressionKind, SuppressionReason, parse_target
from maverick_core.workspaces.rules import Workspace

RUN, OTHER_RUN = Origin(OriginKind.SCRAPE_RUN, 1), Origin(OriginKind.SCRAPE_RUN, 2)
ROLE = FilterCode.ROLE_ACCOUNT.value


@pytest.fixture
def acme(site: Site) -> Workspace:
    """Add a workspace."""
    return site.workspace()


def bring(site: Site, workspace: Workspace, *names: str, origin: Origin = RUN) -> None:
    """Add raw contacts called ``names``."""
    rows = [NewRaw(at, email=f"{name}@x.example") for at, name in enumerate(names, start=1)]
    site.record.add_raw(workspace.id, origin, rows, at=site.clock.now())


def candidate(raw_id: int, email: str) -> Candidate:
    """Return a candidate who has nothing but a name."""
    return Candidate(raw_id, email, "Ann", *[None] * 8)


def close(site: Site, page: RawPage, *, keep: Sequence[str] = ()) -> list[str]:
    """Keep the contacts called so, filter the others; return the e-mails of the page."""
    emails = {f"{name}@x.example" for name in keep}
    verdicts = [Verdict(row.id, KEPT if row.email in emails else ROLE, "") for row in page.rows]
    kept = [candidate(row.id, row.email or "") for row in page.rows if row.email in emails]
    page.close(verdicts, kept, rules_version=3, at=site.clock.now())
    return [(row.email or "").partition("@")[0] for row in page.rows]


def filtered(
    site: Site, workspace: Workspace, *, limit: int = 99, keep: Sequence[str] = ()
) -> list[str]:
    """Judge one page; return who was on it."""
    with site.record.raw_page(workspace.id, limit=limit) as page:
        return close(site, page, keep=keep)


def buckets(site: Site, workspace: Workspace) -> dict[str, int]:
    """Return the workspace's buckets."""
    return dict(raw_buckets(site.record.raw_snapshot())[workspace.id])


def test_pages_follow_each_other_until_there_is_nothing(site: Site, acme: Workspace) -> None:
    """Each raw contact is on one page; a run over what is done finds nothing to do."""
    bring(site, acme, "a", "b", "c")
    bring(site, site.workspace("zeta"), "z")

    assert filtered(site, acme, limit=2, keep=["a"]) == ["a", "b"]
    assert buckets(site, acme) == {RAW: 1, KEPT: 1, ROLE: 1}
    assert filtered(site, acme, limit=2, keep=["c"]) == ["c"]
    assert filtered(site, acme) == []
    assert buckets(site, acme) == {KEPT: 2, ROLE: 1}
    bring(site, acme, "d")
    assert filtered(site, acme) == ["d"]


def test_an_exception_leaves_the_page_as_it_was(site: Site, acme: Workspace) -> None:
    """Also after verdicts were given: a crash at any point costs nothing but time."""
    bring(site, acme, "a", "b")

    def break_off() -> None:
        with site.record.raw_page(acme.id, limit=9) as page:
            close(site, page, keep=["a"])
            raise ConnectionError

    with pytest.raises(ConnectionError):
        break_off()

    assert buckets(site, acme) == {RAW: 2}
    assert filtered(site, acme, keep=["a"]) == ["a", "b"]


def test_a_page_that_is_not_closed_is_handed_out_again(site: Site, acme: Workspace) -> None:
    """To look at it is no verdict."""
    bring(site, acme, "a")
    with site.record.raw_page(acme.id, limit=9) as page:
        assert len(page.rows) == 1

    assert filtered(site, acme) == ["a"]


def test_a_page_is_judged_in_full(site: Site, acme: Workspace) -> None:
    """Who is left out would be passed over for ever, so that is a defect."""
    bring(site, acme, "a", "b")
    with pytest.raises(AssertionError), site.record.raw_page(acme.id, limit=9) as page:
        page.close([Verdict(page.rows[0].id, ROLE, "")], [], rules_version=0, at=site.clock.now())

    assert buckets(site, acme) == {RAW: 2}


def test_workers_at_once_judge_each_contact_once(site: Site, acme: Workspace) -> None:
    """They take turns, while contacts go on coming in."""
    names = [f"p{number}" for number in range(60)]
    bring(site, acme, *names[:40])

    def work() -> list[str]:
        seen = []
        while found := filtered(site, acme, limit=7, keep=names[::2]):
            seen += found
        return seen

    answers = at_once(work, work, work, partial(bring, site, acme, *names[40:]))
    seen = [name for answer in answers if isinstance(answer, list) for name in answer]
    seen += work()

    assert sorted(seen) == sorted(names)
    assert buckets(site, acme) == {KEPT: 30, ROLE: 30}


def test_two_workspaces_are_filtered_side_by_side(site: Site, acme: Workspace) -> None:
    """The same mailbox may be a candidate of both."""
    zeta = site.workspace("zeta")
    bring(site, acme, "a")
    bring(site, zeta, "a")
    filtered(site, acme, keep=["a"])
    filtered(site, zeta, keep=["a"])

    assert buckets(site, acme) == buckets(site, zeta) == {KEPT: 1}


def test_who_has_a_mailbox_already_is_known(site: Site, acme: Workspace) -> None:
    """Candidates with what brought them, verified contacts, and others' if they are asked for."""
    zeta, beta = site.workspace("zeta"), site.workspace("beta")
    bring(site, acme, "a", origin=OTHER_RUN)
    filtered(site, acme, keep=["a"])
    site.contacts(acme, "v")
    site.contacts(zeta, "w")
    for other in (zeta, beta):
        bring(site, other, "a", "o", "n")
        filtered(site, other, keep=["a", "o"])
    verified, foreign = "v@agency.example", "w@agency.example"
    emails = {"a@x.example", "o@x.example", "n@x.example", verified, foreign}

    own = {"a@x.example": Holder("", OTHER_RUN), verified: Holder("", None)}
    others = {"o@x.example": Holder("beta", None), foreign: Holder("zeta", None)}
    bring(site, acme, "b")
    with site.record.raw_page(acme.id, limit=9) as page:
        assert page.holders(emails, everywhere=False) == own
        assert page.holders(emails, everywhere=True) == others | own
        assert page.holders((), everywhere=True) == {}
    for everywhere in (False, True):
        found = site.record.holders(acme.id, emails, everywhere=everywhere, own_candidates=False)
        left = {"a@x.example": Holder("beta", None)} if everywhere else {}
        expected = {verified: Holder("", None)} | (others | left if everywhere else {})
        assert found == expected


def test_a_page_knows_who_is_suppressed(site: Site, acme: Workspace) -> None:
    """As of this very moment."""
    bring(site, acme, "a")
    site.record.add_suppressions(
        None,
        [parse_target("x.example")],
        SuppressionReason.MANUAL,
        by="pat",
        at=site.clock.now(),
    )

    with site.record.raw_page(acme.id, limit=9) as page:
        found = page.suppressed(["a@x.example", "a@y.example"])
    assert found == {"a@x.example": Match(SuppressionKind.DOMAIN, SuppressionReason.MANUAL)}


def test_what_was_judged_can_be_read_again(site: Site, acme: Workspace) -> None:
    """With its code, page by page, apart from what waits."""
    bring(site, acme, "a", "b", "c", "d")
    filtered(site, acme, limit=3, keep=["b"])

    def read(*, after: int = 0, limit: int = 9, waiting: bool = False) -> list[tuple[int, object]]:
        rows = site.record.judged(acme.id, after=after, limit=limit, waiting=waiting)
        return [(row.row_number, code) for row, code in rows]

    assert read() == [(1, ROLE), (2, KEPT), (3, ROLE)]
    assert read(waiting=True) == [(4, None)]
    first = site.record.judged(acme.id, after=0, limit=1, waiting=False)
    assert read(after=first[0].raw.id, limit=1) == [(2, KEPT)]


def test_every_version_of_the_rules_is_kept(site: Site, acme: Workspace) -> None:
    """Numbered in their order, a workspace for itself."""
    zeta = site.workspace("zeta")
    assert list(site.record.rule_sets(acme.id)) == []
    first = site.record.add_rule_set(acme.id, "{}", by="pat", at=site.clock.now())
    site.clock.advance(60)
    second = site.record.add_rule_set(acme.id, '{"states": []}', by="sam", at=site.clock.now())

    assert (first, second) == (1, 2)
    newest, oldest = site.record.rule_sets(acme.id)
    assert (newest.version, newest.by, newest.at) == (2, "sam", site.clock.now())
    assert (oldest.version, oldest.definition) == (1, "{}")
    assert list(site.record.rule_sets(zeta.id)) == []


def test_rules_are_set_as_they_were_seen_or_not_at_all(site: Site, acme: Workspace) -> None:
    """Of two who read the same version, one is too late; 0 is seen where there are none."""
    at = site.clock.now()
    add = partial(site.record.add_rule_set, acme.id, "{}", by="pat", at=at)

    assert add(seen=0) == 1
    with pytest.raises(Conflict) as refused:
        add(seen=0)
    assert refused.value.code == "changed_meanwhile"
    assert [each.version for each in site.record.rule_sets(acme.id)] == [1]
    assert (add(seen=1), add()) == (2, 3)


def test_verdicts_are_counted_by_code(site: Site, acme: Workspace) -> None:
    """Those of the workspace; what waits has none."""
    bring(site, acme, "a", "b", "c")
    zeta = site.workspace("zeta")
    bring(site, zeta, "z")
    filtered(site, zeta)
    filtered(site, acme, keep=["a"])
    bring(site, acme, "d", origin=OTHER_RUN)

    assert site.record.filter_counts(acme.id) == {KEPT: 1, ROLE: 2}


def test_rules_set_at_once_are_versions_of_their_own(site: Site, acme: Workspace) -> None:
    """Nobody's are lost."""
    add = partial(site.record.add_rule_set, acme.id, "{}", by="pat", at=site.clock.now())

    assert sorted(map(int, at_once(*[add] * 8))) == list(range(1, 9))  # type: ignore[arg-type]


def test_an_unknown_workspace_is_missing(site: Site) -> None:
    """There is nothing to filter, and no rules to set."""
    with pytest.raises(Missing), site.record.raw_page(99, limit=9):
        pass
    with pytest.raises(Missing):
        site.record.add_rule_set(99, "{}", by="pat", at=site.clock.now())


def test_the_buckets_add_up_at_every_step(site: Site, acme: Workspace) -> None:
    """Whatever was added and judged in between."""
    for step in range(4):
        bring(site, acme, f"a{step}", f"b{step}")
        filtered(site, acme, limit=1, keep=[f"a{number}" for number in range(4)])

        assert raw_buckets_add_up(site.record.raw_snapshot()) == []
        assert sum(buckets(site, acme).values()) == 2 * (step + 1)
