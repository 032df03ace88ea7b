"""A suppression beats the upload at every moment: it may come before any step of it.

For each step of each course that an upload can take, one case lets somebody unsubscribe just before
it, and one lets the worker die there besides. From then on nobody writes to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Final

import pytest

from contracts.store.site import Site
from maverick_adapters.memory import (
    InstantAirfield,
    ManualClock,
    MemoryBison,
    MemoryStore,
    TakenBut,
)
from maverick_core.pipeline.batch import BatchState
from maverick_core.pipeline.contact import ContactState
from maverick_core.pipeline.invariants import broken, contact_states
from maverick_core.pipeline.lead import Lead
from maverick_core.pipeline.upload.answers import (
    AttachAnswer,
    Limited,
    Lost,
    PushAnswer,
    Refused,
    Unavailable,
)
from maverick_core.pipeline.upload.service import Upload, UploadBatch, UploadTerms
from maverick_core.suppression.rules import SuppressionReason, parse_target

CAMPAIGN: Final = 42
LEASE: Final = 60.0
BOB: Final = "bob@agency.example"
COURSES: Final[dict[str, Sequence[PushAnswer | TakenBut]]] = {
    "as usual": (),
    "slowed down": (Limited(1.0),),
    "lost and taken": (TakenBut(),),
    "lost and not taken": (Lost("The answer never came."),),
    "down": (Unavailable("It is down."),),
    "one is refused": (Refused("bad", {2: "bad e-mail"}),),
    "split": (Refused("bad"),),
}


class Scene:
    """One batch of five in chunks of three, and Bob in it, who unsubscribes."""

    def __init__(self, course: str, pattern: str) -> None:
        """Set the scene."""
        self.clock = ManualClock()
        self.store = MemoryStore(self.clock, chunk_size=3)
        self.site = Site(
            self.store, self.clock, lambda: self.clock.advance(LEASE), lambda *_: self.store
        )
        self.bison = MemoryBison(on_push=self._on_push, on_attach=self._on_attach)
        self.bison.answer_next(*COURSES[course])
        self.pattern = pattern
        self.workspace = self.site.workspace(campaign_id=CAMPAIGN)
        self.members = self.site.contacts(self.workspace, "ann", "bob", "cy", "di", "ed")
        self.batch_id = self.site.plan(self.workspace, self.members)[0]
        self.is_suppressed = False

    def suppress(self) -> None:
        """Let Bob unsubscribe."""
        self.store.add_suppressions(
            self.workspace.id,
            [parse_target(self.pattern)],
            SuppressionReason.UNSUBSCRIBED,
            by="bob",
            at=self.clock.now(),
        )
        self.is_suppressed = True

    def start(self) -> Upload:
        """Return the upload before its first step."""
        terms = UploadTerms(LEASE)
        airfield = InstantAirfield(self.clock)
        return UploadBatch(self.store, self.store, self.bison, airfield, terms).start(
            self.batch_id, worker="w"
        )

    def finish(self, upload: Upload) -> None:
        """Take the steps that are left."""
        while not upload.ended:
            upload.step()
            assert broken(self.store.snapshot(), self.bison.held(), self.bison.enrolled()) == []

    def has_bob_in_campaign(self) -> bool:
        """Say whether he is in the campaign."""
        return BOB in self.bison.enrolled().get(CAMPAIGN, ())

    def _on_push(self, _workspace_id: int, leads: Sequence[Lead]) -> None:
        self._look_for_bob(leads)

    def _on_attach(
        self, _workspace_id: int, _campaign_id: int, leads: Sequence[Lead]
    ) -> AttachAnswer | None:
        self._look_for_bob(leads)
        return None

    def _look_for_bob(self, leads: Sequence[Lead]) -> None:
        written_to = {lead.email for lead in leads}
        assert not (self.is_suppressed and BOB in written_to), "he is written to"


def moments(course: str) -> Iterator[int]:
    """Yield the numbers of the steps that an undisturbed upload takes."""
    upload = Scene(course, BOB).start()
    for moment in count():
        yield moment
        upload.step()
        if upload.ended:
            return


@pytest.mark.parametrize("crash", [False, True], ids=["runs on", "dies there"])
@pytest.mark.parametrize("course", COURSES)
def test_from_a_suppression_on_nobody_writes_to_him(course: str, *, crash: bool) -> None:
    """He is not sent, not sent again and not put into the campaign; all others are."""
    for moment in moments(course):
        scene = Scene(course, BOB)
        upload = scene.start()
        for _ in range(moment):
            upload.step()
        enrolled = scene.has_bob_in_campaign()
        scene.suppress()
        if crash:
            scene.site.leases_run_out()
            upload = scene.start()
        scene.finish(upload)

        snapshot = scene.store.snapshot()
        found = broken(snapshot, scene.bison.held(), scene.bison.enrolled(), at_rest=True)
        assert found == []
        assert scene.site.state(scene.batch_id) is BatchState.UPLOADED
        assert scene.has_bob_in_campaign() is enrolled
        states = dict(contact_states(snapshot))
        bob = states.pop(scene.members[1])
        assert enrolled or bob in {ContactState.SKIPPED, ContactState.NOT_ATTACHABLE}
        assert set(states.values()) <= {ContactState.UPLOADED, ContactState.REJECTED}


def test_a_batch_of_suppressed_people_ends_without_a_request() -> None:
    """Nothing is left to send, and that is an end like any other."""
    scene = Scene("as usual", "*.agency.example")
    scene.suppress()
    scene.finish(scene.start())

    assert scene.bison.pushes == []
    assert scene.site.account(scene.batch_id).skipped == 5
    assert scene.site.state(scene.batch_id) is BatchState.UPLOADED
