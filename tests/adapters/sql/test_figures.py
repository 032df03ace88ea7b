"""Figures that are read from sums, held against what they are sums of."""

from __future__ import annotations

from sqlalchemy import Engine, text

from maverick_core.kernel.time import Month
from maverick_core.pipeline.batch import BatchEvent
from maverick_core.pipeline.upload.actions import End, Settle
from maverick_core.pipeline.upload.desk import Decision
from maverick_core.workspaces.rules import Workspace
from tests.adapters.sql.scene import LEASE, NOVEMBER, Scene, scene_on

STATS = text(
    "SELECT uploaded, reserved, skipped, rejected, not_attachable FROM pipeline_stats_cache"
    " WHERE workspace_id = :workspace_id AND month = '2026-11'"
)


def busy_month(engine: Engine) -> tuple[Scene, Workspace]:
    """Return a workspace with a batch in each way that batches go, and one month besides."""
    scene = scene_on(engine, chunk_size=4)
    acme = scene.workspace()
    scene.contacts(acme, 60)
    uploaded, under_way, failed, cancelled, _ready = scene.plan(acme, 8, 8, 8, 8, 8)
    settle_some(scene, uploaded, chunks=2)
    settle_some(scene, under_way, chunks=1)
    settle_some(scene, failed, chunks=1)
    settle_some(scene, cancelled, chunks=1)
    return scene, acme


def settle_some(scene: Scene, batch_id: int, *, chunks: int) -> None:
    """Settle the first chunks of a batch, and end it as its place in the month asks."""
    claim = scene.claim(batch_id)
    for chunk in claim.chunks[:chunks]:
        first, second, third, fourth = chunk.contacts
        scene.store.mark_sent(claim, chunk.number, lease_seconds=LEASE)
        settlement = Settle(
            chunk.number,
            accepted=[(first, first + 1_000), (second, second + 1_000)],
            skipped=[third],
            rejected=[(fourth, "invalid")],
            settled=True,
        )
        scene.store.settle(claim, settlement, lease_seconds=LEASE)
        refused = Settle(chunk.number, not_attachable=[(first, "bounced")], attached=True)
        scene.store.settle(claim, refused, lease_seconds=LEASE)
    match batch_id:
        case 1:
            scene.store.finish(claim, End(BatchEvent.FINISH))
        case 2:
            scene.store.mark_sent(claim, 1, lease_seconds=LEASE)
        case 3:
            scene.store.finish(claim, End(BatchEvent.FAIL, "unavailable"))
        case _:
            scene.store.finish(claim, End(BatchEvent.CANCEL))


def test_the_account_is_what_a_count_of_single_contacts_gives(engine: Engine) -> None:
    """Whatever became of the batches."""
    scene, acme = busy_month(engine)

    account = scene.store.account(acme.id, NOVEMBER)

    assert account == scene.store.recount(acme.id, NOVEMBER)
    assert (account.uploaded, account.reserved, account.in_doubt) == (10, 16, 4)
    assert (account.skipped, account.rejected, account.not_attachable) == (5, 5, 5)


def test_the_seeds_cache_is_the_account(engine: Engine) -> None:
    """Under its name of old, ``pipeline_stats_cache`` cannot go stale."""
    scene, acme = busy_month(engine)
    account = scene.store.account(acme.id, NOVEMBER)

    with engine.connect() as connection:
        stats = connection.execute(STATS, {"workspace_id": acme.id}).one()

    assert stats == (
        account.uploaded,
        account.reserved,
        account.skipped,
        account.rejected,
        account.not_attachable,
    )


def test_the_supply_is_what_a_plan_finds(engine: Engine) -> None:
    """It is added up, not searched for; a cancelled batch gives back what was not sent."""
    scene, acme = busy_month(engine)
    scene.store.cancel(5, Decision("pat", scene.clock.now()))
    scene.contacts(scene.workspace("zeta"), 7, prefix="z")

    with scene.store.reserve(acme.id, NOVEMBER) as reservation:
        free = reservation.eligible(after=0, limit=1_000)

    assert scene.store.supply(acme.id) == len(free) == 32


def test_what_is_uploaded_is_noted_with_its_instant(engine: Engine) -> None:
    """The forecast is made of these; they add up to the account."""
    scene, acme = busy_month(engine)

    noted = scene.store.uploads(acme.id, NOVEMBER)

    assert [at for at, _ in noted] == [scene.clock.now()]
    assert sum(count for _, count in noted) == 10


def test_a_month_without_batches_is_all_zero(engine: Engine) -> None:
    """No row of the view is no error."""
    scene = scene_on(engine)
    acme = scene.workspace()
    december = Month(2026, 12)
    scene.store.set_target(acme.id, december, 5, at=scene.clock.now())

    account = scene.store.account(acme.id, december)

    assert account == scene.store.recount(acme.id, december)
    assert (account.target, account.uploaded, account.room) == (5, 0, 5)
