"""One course of the whole pipeline that is always the same, but for the deaths of its workers.

People's decisions stand between the stages, where each stage has come to its end, however often its
workers died. So whatever dies where, the outside does the same, and the end has to be the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Final, NamedTuple

from contracts.machines.mortal import Killed, Life
from contracts.machines.pipeline.laws import broken, raw_contacts
from contracts.machines.pipeline.worker import Worker
from contracts.machines.pipeline.world import (
    ACME,
    GUS,
    HAL,
    MAILBOXES,
    SLUGS,
    ZETA,
    World,
)
from contracts.store.site import NOVEMBER, Site
from maverick_adapters.memory import TakenBut
from maverick_core.kernel.errors import Conflict
from maverick_core.pipeline.filtering.ports import RawContact
from maverick_core.pipeline.invariants import contact_states
from maverick_core.pipeline.raw import OriginKind
from maverick_core.pipeline.scraping.ports import NotNow
from maverick_core.pipeline.upload.answers import Limited
from maverick_core.pipeline.upload.desk import RequeueBatch
from maverick_core.pipeline.verification.ports import Forgotten, NoAnswer, NotYet
from maverick_core.pipeline.verification.verdicts import Reason
from maverick_core.retry import Trouble


class Work(NamedTuple):
    """A stage that is done for a workspace."""

    stage: str
    slug: str


def _list_comes(world: World) -> None:
    world.set_rules(ACME, blocked_words=["elm"])
    rows = [
        ("good", "ann"), ("bad e-mail", "bob"), ("good", "cyd"), ("ragged", "dee"),
        ("too wide", "ann"), ("no name", "bob"), ("good", "ann"),
    ]  # fmt: skip
    world.bring_list(ACME, rows)
    world.set_target(ACME, 4)


def _directory_is_asked(world: World) -> None:
    world.visit(ACME)
    world.directory.answer_fetch(NotNow(Trouble.UNAVAILABLE, "502"))


def _provider_is_slow(world: World) -> None:
    world.set_rules(ACME, blocked_words=["elm", "fir"])
    world.take_risks(ACME, Reason.CATCH_ALL)
    world.suppress(ACME, HAL)
    world.provider.answer_ask(NoAnswer(Trouble.LOST, "lost"), taken=True)
    world.provider.answer_look(NotYet(1.0))
    world.provider.answer_look(Forgotten())


def _destination_is_slow(world: World) -> None:
    world.suppress(None, GUS)
    world.bison.answer_next(TakenBut(), Limited(1.0))


def _rejects_come_back(world: World) -> None:
    (first,) = world.importing[ACME].raw
    world.bring_rejects(ACME, first, {1, 3, 5})


def _more_is_wanted(world: World) -> None:
    world.take_risks(ACME, Reason.CATCH_ALL, Reason.ROLE)
    world.lift(ACME, HAL)
    world.set_target(ACME, 6)
    world.clock.advance(86_400)  # the provider's budget is one of a day


def _destination_is_down(world: World) -> None:
    world.is_down = True


def _failed_goes_round_again(world: World) -> None:
    world.is_down = False
    for batch in world.record.batches():
        with suppress(Conflict):
            RequeueBatch(world.record, world.clock)(batch.id, by="pat")


def _days_go_by(world: World) -> None:
    world.clock.advance(12 * 86_400)
    world.set_target(ZETA, len(MAILBOXES))


Step = Work | Callable[[World], None]
DAY: Final[Sequence[Step]] = (
    _list_comes,
    Work("import", ACME),
    _directory_is_asked,
    Work("scrape", ACME),
    Work("filter", ACME),
    _provider_is_slow,
    Work("verify", ACME),
    Work("plan", ACME),
    _destination_is_slow,
    Work("upload", ACME),
    _rejects_come_back,
    Work("import", ACME),
    Work("filter", ACME),
    _more_is_wanted,
    Work("verify", ACME),
    Work("plan", ACME),
    _destination_is_down,
    Work("upload", ACME),
    _failed_goes_round_again,
    Work("upload", ACME),
    _days_go_by,
    Work("fill", ZETA),
    Work("refill", ZETA),
    Work("filter", ZETA),
    Work("verify again", ZETA),
    Work("plan", ZETA),
    Work("upload", ZETA),
    Work("fill", ZETA),
)

Deaths = Mapping[int, Sequence[int]]
"""The steps at which one worker after the other dies, by the place of its work in the day."""


def live(
    site: Site,
    deaths: Deaths | None = None,
    *,
    sleep: bool = False,
    worker_type: type[Worker] = Worker,
) -> tuple[World, Mapping[int, Life]]:
    """Live the day and return the world at its end, with the life of who did each work at last.

    With ``sleep`` nobody dies: he sleeps at that step until his leases are over and another worker
    has done the stage, and goes on then.

    Raises:
        AssertionError: a law was broken after a death, or a sleep.

    """
    world, lives = World(site), {}
    for place, step in enumerate(DAY):
        if not isinstance(step, Work):
            step(world)
            continue
        for ends_at in (deaths or {}).get(place, ()):
            _strike(world, step, ends_at, worker_type, sleep=sleep)
            assert (wrong := broken(world)) == [], f"{step} struck at {ends_at}: {wrong}"
        life = Life()
        worker_type(world, life).do(*step)
        lives[place] = life
    return world, lives


def every_death(lives: Mapping[int, Life]) -> Iterator[Deaths]:
    """Yield a day for each step, in which a worker dies at that step of each stage."""
    for step in range(1, max(life.steps for life in lives.values()) + 1):
        yield {place: [step] for place, life in lives.items() if step <= life.steps}


def every_sleep(lives: Mapping[int, Life]) -> Iterator[Deaths]:
    """Yield the same for the steps between transactions, where one can sleep."""
    for at in range(max(len(life.between) for life in lives.values())):
        yield {place: [life.between[at]] for place, life in lives.items() if at < len(life.between)}


def _strike(
    world: World, work: Work, ends_at: int, worker_type: type[Worker], *, sleep: bool
) -> None:
    def meanwhile() -> None:
        world.leases_run_out()
        worker_type(world).do(*work)

    with suppress(Killed):
        worker_type(world, Life(ends_at, meanwhile if sleep else None)).do(*work)
    world.leases_run_out()


def end(world: World) -> Mapping[str, object]:
    """Return where everything is, by names: nothing of it may depend on who died when.

    Left out are instants and ids, and in which row of a refill somebody came: the master list is
    drawn on by how long ago a mailbox was uploaded, and a death may well let one be uploaded before
    another. For the same reason the day has room for all whom a refill could bring.
    """
    now, raw, record = world.record.snapshot(), world.record.raw_snapshot(), world.record
    states = contact_states(now)
    said = {row.candidate_id: (row.verdict, row.mailable) for row in raw.verified}
    found: dict[str, object] = {
        "held": {slug: world.bison.held().get(world.id_of(slug)) for slug in SLUGS},
        "enrolled": world.bison.enrolled(),
        "paid": world.provider.paid,
    }
    for slug in SLUGS:
        whose = world.id_of(slug)
        found[slug] = {
            "raw": sorted(
                (raw.origin.kind, _row(raw), raw.email or "", code)
                for raw, code in raw_contacts(world, slug)
            ),
            "candidates": {
                row.email: said.get(row.id) for row in raw.candidates if row.workspace_id == whose
            },
            "contacts": {
                row.email: states[row.id] for row in now.contacts if row.workspace_id == whose
            },
            "imports": [
                (each.state, each.rows, each.corrected, each.repeated, record.fates(each.id))
                for each in world.importing[slug].raw
            ],
            "rejects": world.importing[slug].open,
            "scraped": [(view.contacts, view.last_state) for view in record.sources(whose)],
            "month": record.account(whose, NOVEMBER),
        }
    with record.trial_page(world.id_of(ACME), after=None, limit=99) as page:
        found["master"] = {
            (each.email, each.person, each.workspaces, each.outcome) for each in page.contacts
        }
    return found


def _row(raw: RawContact) -> int:
    return 0 if raw.origin.kind is OriginKind.MASTER_LIST else raw.row_number
