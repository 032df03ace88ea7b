"""The whole pipeline in one process: each stage takes what waits in its table, in their order.

Stages meet in tables. None of them knows another; run alone or all together, by hand or by workers,
the end is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from maverick_adapters.container import Wired
from maverick_adapters.system import worker_name
from maverick_core.kernel.errors import Missing
from maverick_core.pipeline.batch import BatchState
from maverick_core.pipeline.pages import BatchFilter
from maverick_core.pipeline.scraping.rules import OVER
from maverick_core.pipeline.stages import Stage
from maverick_runners.embedded import embedded

_MANY: Final = 100_000


@dataclass(frozen=True, slots=True)
class Done:
    """What a stage did for a workspace: ``done`` contacts passed it. ``why`` says what is left."""

    stage: Stage
    slug: str
    done: int
    why: str = ""


def run_stages(wired: Wired, stages: list[Stage], slugs: list[str]) -> Iterator[Done]:
    """Run ``stages`` in the pipeline's order for these workspaces, and say what each did.

    Raises:
        Unavailable: the database fails; whatever was finished is on record.

    """
    for stage, run in _RUN.items():
        if stage in stages:
            yield from (run(wired, slug) for slug in slugs)
    if Stage.UPLOAD in stages:
        yield from _upload(wired, slugs)


def _scrape(wired: Wired, slug: str) -> Done:
    store = wired.store
    contacts, notes = 0, []
    for view in store.sources(store.workspace(slug).id):
        if view.last_state in OVER:
            continue
        run_id = store.begin_run(view.id, at=wired.clock.now())
        flights = wired.airfield.flights()
        end = wired.run_source(run_id, worker=worker_name(), breath=flights)
        if end is None:
            notes.append(f"{view.source.name}: another worker has it")
            continue
        contacts += end.counts.contacts
        if end.counts.not_read:
            notes.append(f"{view.source.name}: {end.counts.not_read} pages were not read")
    return Done(Stage.SCRAPING, slug, contacts, "; ".join(notes))


def _import(wired: Wired, slug: str) -> Done:
    store = wired.store
    mine = store.workspace(slug).id
    rows, notes = 0, []
    for import_id in store.waiting_imports(limit=_MANY):
        try:
            store.import_of(mine, import_id)
        except Missing:
            continue  # another workspace's
        code = wired.run_import(import_id, worker=worker_name())
        found = store.import_of(mine, import_id)
        rows += found.added
        if code != "done":
            notes.append(f"{found.file_name}: {code}")
    return Done(Stage.IMPORT, slug, rows, "; ".join(notes))


def _filter(wired: Wired, slug: str) -> Done:
    filtered = wired.filter_contacts(slug, lambda _rows, _codes: None)
    return Done(Stage.FILTERING, slug, filtered.rows)


def _verify(wired: Wired, slug: str) -> Done:
    verified = wired.verify_candidates(slug, breath=wired.airfield.flights())
    return Done(Stage.VERIFICATION, slug, verified.settled, verified.why)


def _plan(wired: Wired, slug: str) -> Done:
    try:
        plan = wired.plan_batches(slug)
    except Missing as error:
        return Done(Stage.BATCHING, slug, 0, str(error))
    return Done(Stage.BATCHING, slug, plan.contacts, plan.why_no_more)


def _upload(wired: Wired, slugs: list[str]) -> Iterator[Done]:
    """Upload for one workspace after the other, with workers that are started once."""
    live = frozenset({BatchState.READY, BatchState.UPLOADING})
    waiting = {
        slug: [batch.id for batch in wired.store.batches(BatchFilter(live, slug), limit=_MANY)]
        for slug in slugs
    }
    if any(waiting.values()):
        with embedded(wired) as uploads:
            for slug in slugs:
                if waiting[slug]:
                    uploads.run(workspace_id=wired.store.workspace(slug).id, slug=slug)
    for slug in slugs:
        yield _uploaded(wired, slug, waiting[slug])


def _uploaded(wired: Wired, slug: str, batch_ids: list[int]) -> Done:
    after = [wired.store.batch(id_) for id_ in batch_ids]
    failed = sorted({batch.failure_code for batch in after if batch.state is BatchState.FAILED})
    hold = wired.store.workspace(slug).hold
    notes = [*(f"failed: {code}" for code in failed), *([f"on hold: {hold}"] if hold else [])]
    return Done(Stage.UPLOAD, slug, sum(batch.accepted for batch in after), "; ".join(notes))


_RUN: Final[Mapping[Stage, Callable[[Wired, str], Done]]] = {
    Stage.SCRAPING: _scrape,
    Stage.IMPORT: _import,
    Stage.FILTERING: _filter,
    Stage.VERIFICATION: _verify,
    Stage.BATCHING: _plan,
}
