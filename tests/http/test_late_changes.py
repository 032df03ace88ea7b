"""Changes that somebody overtakes between what a request read and what it would write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import pytest

from maverick_adapters.memory import ManualClock, MemoryStore
from maverick_core.pipeline.master_fill.overlap import Overlap
from maverick_core.pipeline.scraping.ports import SourceView
from maverick_core.pipeline.verification.verdicts import Policy, Reason
from tests.http.house import House

ACME: Final = "/api/v1/workspaces/acme"
SITE: Final = {"start": ["https://a.example/"], "item": "li", "fields": {"email": "a"}}


class BusyStore(MemoryStore):
    """Has somebody do something as soon as a request has read what it is about to change."""

    somebody: Callable[[], object] | None = None

    def sources(self, workspace_id: int) -> Sequence[SourceView]:
        """Return them as they were."""
        found = super().sources(workspace_id)
        self._be_quick()
        return found

    def policy(self, workspace_id: int) -> Policy:
        """Return it as it was."""
        found = super().policy(workspace_id)
        self._be_quick()
        return found

    def overlap(self, workspace_id: int) -> Overlap:
        """Return it as it was."""
        found = super().overlap(workspace_id)
        self._be_quick()
        return found

    def _be_quick(self) -> None:
        somebody, self.somebody = self.somebody, None
        if somebody:
            somebody()


@pytest.mark.parametrize(
    ("path", "theirs", "ours"),
    [
        ("/sources/list", {**SITE, "item": "tr"}, {**SITE, "item": "p"}),
        ("/verification/policy", {"risks": [Reason.ROLE]}, {"risks": [Reason.CATCH_ALL]}),
        ("/overlap", {"days": 7}, {"days": 9}),
    ],
)
def test_who_is_overtaken_is_told_and_undoes_nothing(
    path: str, theirs: dict[str, object], ours: dict[str, object]
) -> None:
    """The ETag was right when it was looked at; the record has the last word."""
    clock = ManualClock()
    store = BusyStore(clock)
    house = House(store, clock)
    house.workspace()
    path = ACME + path
    if path.endswith("list"):
        house.ask("PUT", path, SITE, If_Match="*")
    read = house.ask("GET", path)
    store.somebody = lambda: house.ask("PUT", path, theirs, If_Match="*")

    late = house.ask("PUT", path, ours, If_Match=read.headers["ETag"])

    assert (late.status_code, late.json["code"]) == (412, "changed_meanwhile")
    kept = house.ask("GET", path).json
    assert {name: kept[name] for name in theirs} == theirs
