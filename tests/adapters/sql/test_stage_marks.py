"""Looking at the stages writes nothing; asking may note how far verification came."""

from __future__ import annotations

from sqlalchemy import Engine, select

from contracts.machines.crew import Crew
from contracts.store.catalogue import candidates
from contracts.store.site import LEASE, Site
from maverick_adapters.sql.tables import verification_marks
from maverick_core.pipeline.verification.rules import Settled
from maverick_core.pipeline.verification.verdicts import Reason, Verdict
from tests.adapters.sql.scene import scene_on


def mark(engine: Engine) -> int:
    """Return the mark of the only workspace."""
    with engine.connect() as connection:
        query = select(verification_marks.c.candidate_id)
        found: int = connection.execute(query).scalar_one()
        return found


def test_only_who_asks_moves_the_mark(engine: Engine) -> None:
    """A look would else wait for the workspace's turn, on SQLite for every writer."""
    store, clock = (scene := scene_on(engine)).store, scene.clock
    site = Site(store, clock, lambda: clock.advance(LEASE), lambda *_: store)
    acme = site.workspace()
    candidates(site, acme, "ann", "bob")
    with store.candidate_page(acme.id, after=0, limit=2, at=clock.now()) as page:
        last = page.waiting[-1].id
        page.settle(
            [
                Settled(each.id, Verdict.VALID, Reason.MAILBOX_EXISTS, mailable=True)
                for each in page.waiting
            ]
        )
    crew = Crew(site)

    crew.ask("acme", dry_run=True)
    looked = mark(engine)
    crew.ask("acme")

    assert (looked, mark(engine)) == (0, last)
