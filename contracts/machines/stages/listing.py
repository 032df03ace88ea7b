"""The master list: told of what came in and what became of it, and drawn on for refills."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from contracts.machines.stages.people import MAILBOXES, judges, mailboxes, slugs
from contracts.machines.stages.places import MANY, Crash, StagePlace
from contracts.machines.stages.stage import (
    AFTER,
    BEFORE,
    Stage,
    deaths,
    dies,
    limits,
    survived,
)
from contracts.machines.stages.verifying import bring
from contracts.store.site import NOVEMBER
from maverick_core.pipeline.contact import Outcome
from maverick_core.pipeline.csv_import.ports import NewContact
from maverick_core.pipeline.master_fill.overlap import NOWHERE, Overlap
from maverick_core.pipeline.master_fill.ports import MasterPage, TrialPage
from maverick_core.pipeline.master_fill.rules import (
    Happened,
    MasterContact,
    SeenAs,
    Sighting,
    happened,
    place_of,
    seen,
)
from maverick_core.pipeline.master_fill.service import Choosers
from maverick_core.pipeline.raw import NewRaw
from maverick_core.pipeline.upload.actions import Settle
from maverick_core.pipeline.verification.rules import Settled
from maverick_core.pipeline.verification.verdicts import Reason, Verdict

names = st.lists(mailboxes, min_size=1, max_size=2, unique=True)
verdicts = st.sampled_from([Verdict.VALID, Verdict.VALID, Verdict.RISKY, Verdict.INVALID])
overlaps = st.sampled_from([Overlap(), Overlap(10)])
outcomes = st.none() | st.sampled_from(Outcome)
_BATCH: Final = 2  # contacts, which are one chunk


class Listing(Stage):
    """Tells the list, and brings workspaces what it has."""

    @initialize(emails=names, outcome=outcomes)
    def open(self, emails: list[str], outcome: Outcome | None) -> None:
        """Begin with contacts that the list has, one of whom another workspace may be given."""
        self.bring("acme", emails, None, None)
        self.import_verified("acme", emails)
        self.set_overlap("zeta", Overlap(10))
        if outcome is not None:
            self.upload("acme", outcome)
        self.look_what_moved()
        self.refill("zeta", 1, 2)

    @rule(
        slug=slugs,
        emails=names,
        title=st.sampled_from([None, "Agent"]),
        verdict=st.none() | verdicts,
    )
    def bring(
        self, slug: str, emails: list[str], title: str | None, verdict: Verdict | None
    ) -> None:
        """Make candidates, of whom more is known or less, and perhaps contacts of them."""
        self.together(lambda place: bring(place, slug, emails, title))
        if verdict is not None:
            self.verify(slug, verdict)

    @rule(slug=slugs, verdict=verdicts)
    def verify(self, slug: str, verdict: Verdict) -> None:
        """Find one thing of all candidates that wait."""
        self.together(lambda place: _verify(place, slug, verdict))

    @rule(slug=slugs, emails=names)
    def import_verified(self, slug: str, emails: list[str]) -> None:
        """Import contacts that are verified already."""
        self.together(lambda place: _import(place, slug, emails))

    @rule(slug=slugs, outcome=outcomes)
    def upload(self, slug: str, outcome: Outcome | None) -> None:
        """Put the first free contacts into a batch, and maybe send it."""
        books, owner = self.first.books, self.first.ids[slug]
        placed = {row.contact_id for row in books.members}
        mine = [row for row in books.contacts if row.workspace_id == owner]
        free = [row.email for row in mine if row.id not in placed][:_BATCH]
        if free:
            self.together(lambda place: _upload(place, slug, free, outcome))

    @rule(slug=slugs, seen_as=st.sampled_from(SeenAs), limit=limits, death=deaths)
    def tell_sightings(self, slug: str, seen_as: SeenAs, limit: int, death: str) -> None:
        """Tell a page of what came in."""
        self.together(lambda place: survived(lambda: _tell(place, slug, seen_as, limit, death)))

    @rule()
    def look_what_moved(self) -> None:
        """Note batches that moved, for later, and tell all that is there."""
        self.together(_note_moved)
        for slug in self.first.ids:
            for seen_as in SeenAs:
                self.tell_sightings(slug, seen_as, MANY, "")

    @precondition(lambda self: self.first.crew.moved)
    @rule(death=deaths)
    def tell_outcomes(self, death: str) -> None:
        """Tell what became of the batches that moved once, and were told of perhaps since then."""
        for index in range(len(self.first.crew.moved)):
            self.together(lambda place, at=index: survived(lambda: _tell_batch(place, at, death)))  # type: ignore[misc]

    @rule()
    def forget(self) -> None:
        """Have all told again."""
        self.together(lambda place: place.record.forget_master())

    @rule(slug=slugs, overlap=overlaps)
    def set_overlap(self, slug: str, overlap: Overlap) -> None:
        """Say how close refills may come to the other workspace."""
        self.together(
            lambda place: place.record.set_overlap(
                place.ids[slug], overlap, by="pat", at=place.site.clock.now()
            )
        )

    @rule(slug=slugs, asked=st.integers(1, 3))
    def begin_refill(self, slug: str, asked: int) -> None:
        """Begin a refill, or find the one that is not over."""
        self.together(lambda place: _begin(place, slug, asked))

    @rule(slug=slugs, asked=st.integers(1, 3), limit=limits)
    def refill(self, slug: str, asked: int, limit: int) -> None:
        """Refill a workspace to the end, and see what the next refill would."""
        self.begin_refill(slug, asked)
        runs, owner = self.first.crew.refills, self.first.ids[slug]
        while (run := self.first.record.refill_runs(owner)[0]).finished_at is None:
            self._refill_page(runs.index(run.id), limit, "")
        self.together(lambda place: _walk(place, slug, MANY))

    @precondition(lambda self: self.first.crew.refills)
    @rule(data=st.data(), limit=limits, death=deaths)
    def refill_page(self, data: st.DataObject, limit: int, death: str) -> None:
        """Bring a page of a refill that is not over."""
        last = len(self.first.crew.refills) - 1
        index = data.draw(st.sampled_from([last, *range(last + 1)]), label="refill")
        self._refill_page(index, limit, death)

    def _refill_page(self, index: int, limit: int, death: str) -> None:
        self.together(lambda place: survived(lambda: _refill(place, index, limit, death)))

    @rule(slug=slugs, limit=limits, email=mailboxes)
    def look(self, slug: str, limit: int, email: str) -> None:
        """Walk the whole list as a refill would, count it, and ask for a mailbox."""
        self.together(lambda place: _walk(place, slug, limit))
        self.together(_counted)
        self.together(lambda place: _asked(place, email))


def _verify(place: StagePlace, slug: str, verdict: Verdict) -> object:
    id_, at = place.ids[slug], place.site.clock.now()
    after = place.record.first_waiting(id_)
    reason = Reason.MAILBOX_EXISTS
    with place.record.candidate_page(id_, after=after, limit=MANY, at=at) as page:
        mailable = verdict is Verdict.VALID
        page.settle([Settled(each.id, verdict, reason, mailable) for each in page.waiting])
    return [each.email for each in page.waiting]


def _import(place: StagePlace, slug: str, emails: Sequence[str]) -> object:
    record, at = place.record, place.site.clock.now()
    new = [NewContact(email, "Ann", None, None, "Oak", None, None) for email in emails]
    import_id = record.begin_import(place.ids[slug], "verified.csv", at=at)
    known = record.add_contacts(import_id, new, rows_read=len(new), at=at)
    return sorted(known), record.finish_import(import_id, at=at)


def _upload(place: StagePlace, slug: str, emails: Sequence[str], outcome: Outcome | None) -> None:
    site, owner = place.site, place.ids[slug]
    ids = {row.email: row.id for row in place.books.contacts if row.workspace_id == owner}
    members = [ids[email] for email in emails]
    with place.record.reserve(owner, NOVEMBER) as reservation:
        batch = reservation.add_batches([members], campaign_id=None)[0]
    if outcome is None:
        return
    claim = site.claim(batch)
    site.send(claim)
    refused = [(id_, "no") for id_ in members]
    taken = [(id_, MAILBOXES.index(email)) for id_, email in zip(members, emails, strict=True)]
    settlements = {
        Outcome.ACCEPTED: Settle(0, accepted=taken, settled=True),
        Outcome.NOT_ATTACHABLE: Settle(0, accepted=taken, not_attachable=refused, settled=True),
        Outcome.SKIPPED: Settle(0, skipped=members, settled=True),
        Outcome.REJECTED: Settle(0, rejected=refused, settled=True),
    }
    site.settle(claim, settlements[outcome])


def _tell(place: StagePlace, slug: str, seen_as: SeenAs, limit: int, death: str) -> object:
    with place.record.sighting_page(place.ids[slug], seen_as, limit=limit) as page:
        said = dict(page.known)
        for event in page.events:
            said[event.email] = seen(said.get(event.email), event)
        _keep(page, said.values(), death)
    return [(event.email, place.origin(event.origin), event.new_there) for event in page.events]


def _note_moved(place: StagePlace) -> object:
    place.crew.moved = list(place.record.moved_batches())
    return [place.age(id_) for id_ in place.crew.moved]


def _tell_batch(place: StagePlace, index: int, death: str) -> object:
    """Tell a batch; whoever finds that the list was emptied since they looked gives up."""
    with place.record.outcome_page(place.crew.moved[index]) as page:
        said = dict(page.known)
        if not said.keys() >= {event.email for event in page.events}:
            raise Crash
        for event in page.events:
            said[event.email] = happened(said[event.email], event)
        _keep(page, said.values(), death)
    return sorted((event.email, event.outcome, event.at) for event in page.events)


def _keep(
    page: MasterPage[Sighting] | MasterPage[Happened], said: Iterable[MasterContact], death: str
) -> None:
    dies(death, BEFORE)
    page.keep(said)
    dies(death, AFTER)


def _begin(place: StagePlace, slug: str, asked: int) -> object:
    at = place.site.clock.now()
    run = place.record.begin_refill(place.ids[slug], asked, by="pat", at=at)
    if run.id not in place.crew.refills:
        place.crew.refills.append(run.id)
    return place.crew.refills.index(run.id), run.asked, run.brought, run.codes


def _refill(place: StagePlace, index: int, limit: int, death: str) -> object:
    run_id, record, now = place.crew.refills[index], place.record, place.site.clock.now()
    owner = next(
        id_ for id_ in place.slugs if run_id in {run.id for run in record.refill_runs(id_)}
    )
    choose = Choosers(judges(record), record)(owner)
    with record.refill_page(run_id, limit=limit) as page:
        run = page.run
        if run.finished_at is not None:
            return "over"
        room = run.asked - run.brought
        choice = choose(page, room, now=now)
        rows = [
            NewRaw(number, email=contact.email, **contact.person._asdict())
            for number, contact in enumerate(choice.chosen, run.brought + 1)
        ]
        over = len(rows) == room or len(page.contacts) < limit
        dies(death, BEFORE)
        page.bring(rows, looked_at=choice.looked_at, codes=choice.codes, over=over, at=now)
        dies(death, AFTER)
    return [row.email for row in rows], choice.codes, over


def _walk(place: StagePlace, slug: str, limit: int) -> object:
    """Return each page's mailboxes, and what is known of them."""
    after, found = None, []
    while after is None or len(found[-1][0]) == limit:
        with place.record.trial_page(place.ids[slug], after=after, limit=limit) as page:
            found.append(_standing(page))
            if not page.contacts:
                break
            after = place_of(page.contacts[-1])
    return found


def _standing(page: TrialPage) -> tuple[list[str], object]:
    emails, standing = [contact.email for contact in page.contacts], page.standing
    elsewhere = [standing.elsewhere.get(email, NOWHERE) for email in emails]
    holders = page.holders(emails, everywhere=True)
    held = {email: (holder.slug, holder.origin is None) for email, holder in holders.items()}
    return emails, (
        standing.brought,
        standing.bounced,
        standing.verdicts,
        elsewhere,
        held,
        page.suppressed(emails),
    )


def _counted(place: StagePlace) -> object:
    stats = place.record.master_stats()
    return stats.mailboxes, stats.shared, stats.uploaded, dict(stats.outcomes)


def _asked(place: StagePlace, email: str) -> object:
    view = place.record.master_contact(email)
    return view.contact.email, view.contact.workspaces, view.verdict
