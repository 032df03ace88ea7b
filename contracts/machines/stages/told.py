"""What is on record before the upload, told without ids, so that stores can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from contracts.machines.places import Place
from contracts.machines.stages.people import DOMAINS, MAILBOXES, SLUGS
from contracts.machines.stages.places import MANY, StagePlace, age
from maverick_core.operations.rules import Operation
from maverick_core.pipeline.audit.rules import Buckets
from maverick_core.pipeline.audit.service import AuditPipeline
from maverick_core.pipeline.master_fill.rules import MasterContact
from maverick_core.pipeline.raw_import.rules import Import
from maverick_core.pipeline.scraping.ports import PageDue, SourceView
from maverick_core.pipeline.scraping.rules import RunCounts

PROVIDERS = ("one", "two")
_IMPORT = tuple(each.name for each in fields(Import) if each.name not in {"id", "workspace_id"})


def raw_contacts(place: StagePlace) -> object:
    """Tell every raw contact and its code, then candidates, verdicts, and how far the filter is."""
    now, slugs = place.raw, place.slugs
    raw = {row.id: number for number, row in enumerate(now.raw)}
    candidates = {row.id: number for number, row in enumerate(now.candidates)}
    return (
        [
            (raw[id_], slug, code, place.origin(origin), rest)
            for slug in SLUGS
            for (id_, origin, *rest), code in place.judged(slug)
        ],
        [(slugs[row.workspace_id], row.email, raw[row.raw_contact_id]) for row in now.candidates],
        sorted((candidates[row.candidate_id], row.verdict, row.mailable) for row in now.verified),
        {slugs[id_]: raw[mark] for id_, mark in now.marks.items()},
        sorted((slugs[id_], email) for id_, email in now.mailboxes),
    )


def audited(place: StagePlace) -> object:
    """Tell how many are where, each counted anew, and that the sums hold."""
    audited = [AuditPipeline(place.record, place.record)(slug) for slug in SLUGS]
    assert all(each.whole for each in audited), audited
    return [[getattr(each.buckets, name) for name in _BUCKETS] for each in audited]


_BUCKETS = tuple(each.name for each in fields(Buckets))


def suppressions(place: StagePlace) -> object:
    """Tell who must not be written to, by what stands there and by what that covers."""
    return [
        (
            [
                (place.slugs.get(row.workspace_id or 0), row.target, row.reason, row.at, row.by)
                for row in place.record.suppressions(id_, limit=MANY)
            ],
            place.record.suppressed(id_, MAILBOXES),
        )
        for id_ in place.ids.values()
    ]


def rule_sets(place: StagePlace) -> object:
    """Tell all versions of the rules."""
    return [list(place.record.rule_sets(id_)) for id_ in place.ids.values()]


def sources(place: StagePlace) -> object:
    """Tell of the sources, with the pages that were not read, and of what is due of each run."""
    return [
        [
            (
                [getattr(view, name) for name in _SOURCE],
                place.record.pages_not_read(view.id, limit=MANY),
            )
            for view in place.record.sources(id_)
        ]
        for id_ in place.ids.values()
    ], [due(place.record.next_page(worker.run)) for worker in place.crew.run_workers]


def due(page: PageDue | RunCounts) -> object:
    """Tell which page is due, or that none is; in what its links stand is a store's own."""
    if isinstance(page, RunCounts):
        return page
    return page.number, page.url, page.validators, list(page.next)


_SOURCE = tuple(each.name for each in fields(SourceView) if each.name != "id")


def imports(place: StagePlace) -> object:
    """Tell of the imports, of what became of their rows, and which of them wait."""
    everything = [
        (slug, _import(place, each))
        for slug, id_ in place.ids.items()
        for each in place.record.imports(id_, limit=MANY)
    ]
    ids = place.crew.imports
    waiting = [age(ids, id_) for id_ in place.record.waiting_imports(limit=MANY)]
    return everything, waiting


def _import(place: StagePlace, each: Import) -> object:
    record = place.record
    rejects = record.open_rejects(each.id, after=0, limit=MANY)
    fates, counts = record.fates(each.id), record.reject_counts(each.id)
    assert sum(fates.values()) == each.rows, (each.rows, fates)
    assert sum(counts.values()) == fates["open"] == len(rejects), (counts, fates)
    return (
        [getattr(each, name) for name in _IMPORT],
        fates,
        dict(counts),
        [(row.row_number, row.code) for row in rejects],
    )


def verification(place: StagePlace) -> object:
    """Tell how far it is, what may be asked, what is asked, and what was spent on it."""
    record = place.record
    return [
        (
            (counts := record.verification_counts(id_)).waiting,
            counts.contacts,
            dict(counts.not_mailable),
            record.policy(id_),
            question
            and (
                age([each.id for each in place.crew.questions], question.id),
                question.key,
                question.provider,
                question.reference,
                list(question.emails),
            ),
        )
        for id_ in place.ids.values()
        for question in (record.open_question(id_),)
    ], [record.spent(provider, at=place.site.clock.now()) for provider in PROVIDERS]


def beliefs(place: StagePlace) -> object:
    """Tell what is believed of mailboxes and domains, and what will be in a while."""
    return [believed(place, later) for later in (0, 4 * 3_600)]


def believed(place: StagePlace, later: float) -> object:
    """Tell what will be believed so many seconds from now."""
    first, at = place.ids[SLUGS[0]], place.later(later)
    with place.record.candidate_page(first, after=0, limit=1, at=at) as page:
        return dict(page.known(MAILBOXES)), dict(page.catch_all(DOMAINS))


def master(place: StagePlace) -> object:
    """Tell the master list in the order in which it is drawn on, and what it was not told."""
    record, first = place.record, place.ids[SLUGS[0]]
    with record.trial_page(first, after=None, limit=MANY) as page:
        listed = [_listed(place, each) for each in page.contacts]
    moved = [place.age(id_) for id_ in record.moved_batches()]
    return listed, moved


def _listed(place: StagePlace, each: MasterContact) -> Mapping[str, object]:
    slugs = place.slugs
    named = {
        "person_from": slugs[each.person_from],
        "first_workspace_id": slugs[each.first_workspace_id],
        "first_origin": place.origin(each.first_origin),
        "outcome_workspace_id": slugs.get(each.outcome_workspace_id or 0),
    }
    return {**each._asdict(), **named}


def refills(place: StagePlace) -> object:
    """Tell the runs, and what is on the way."""
    ids = place.crew.refills
    return [
        (
            [
                (
                    age(ids, run.id), run.by, run.started_at, run.asked, run.looked_at,
                    run.brought, run.codes, run.place, run.finished_at,
                )
                for run in place.record.refill_runs(id_)
            ],
            place.record.on_the_way(id_),
            place.record.overlap(id_),
        )
        for id_ in place.ids.values()
    ]  # fmt: skip


def contacts(place: StagePlace) -> object:
    """Tell of contacts and their batches as the machine of the upload does."""
    return Place.told(place)


def operations(place: StagePlace) -> object:
    """Tell every operation, and which of them wait."""
    ids, record = place.crew.operations, place.record
    listed = [
        (age(ids, each.id), [getattr(each, name) for name in _OPERATION])
        for each in record.operations(limit=MANY)
    ]
    return listed, [age(ids, each.id) for each in record.waiting_operations(limit=MANY)]


_OPERATION = tuple(each.name for each in fields(Operation) if each.name != "id")
