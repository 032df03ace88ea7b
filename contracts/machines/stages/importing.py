"""Imports: files that come in parts, pages of them, rejects that come back corrected, or twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from contracts.machines.stages import files
from contracts.machines.stages.files import LINE, Line, Row, cells
from contracts.machines.stages.people import slugs
from contracts.machines.stages.places import ELSE, ages, one_of, relay
from contracts.machines.stages.stage import Stage, deaths, survived
from contracts.store.site import LEASE, SiteFactory
from maverick_core.pipeline.raw_import.rules import MAX_CLAIMS, ImportState

states = st.sampled_from([ImportState.DONE, ImportState.DONE, ImportState.FAILED])
_ALL: Final = 99  # bytes, more than a file has


class Importing(Stage):
    """Takes files in and carries imports out."""

    def __init__(self, *factories: SiteFactory) -> None:
        """Start without a file."""
        super().__init__(*factories)
        self.files: list[list[Line]] = []

    @initialize(data=st.data())
    def open(self, data: st.DataObject) -> None:
        """Begin with an imported list, one that is under way, and corrections of the first."""
        self.take_in(data, "acme", _ALL, at_once=True)
        self.take_in(data, "zeta", _ALL, at_once=False)
        self.claim_import(1, "worker-1")
        self.take_in(data, "acme", _ALL, at_once=True)

    @rule(
        data=st.data(),
        slug=slugs,
        there=st.sampled_from([0, LINE, _ALL, _ALL, _ALL]),
        at_once=st.booleans(),
    )
    def take_in(self, data: st.DataObject, slug: str, there: int, *, at_once: bool) -> None:
        """Begin an import, of which so many bytes are there; a whole file may be done at once."""
        if len(self.files) == ELSE:
            return
        rows = self._rows()
        corrects = st.one_of(st.sampled_from(rows), st.none()) if rows else st.none()
        line = st.builds(Line, cells, corrects, st.sampled_from([False] * 7 + [True]))
        lines = data.draw(st.lists(line, min_size=1, max_size=4), label="lines")
        self.files.append(lines)
        self.together(lambda place: files.add(place, slug, len(lines)))
        self.send(len(self.files) - 1, 0, there)
        if at_once:
            self.carry_out(len(self.files) - 1)

    @rule(age=ages, start=st.sampled_from([0, LINE, LINE, _ALL]), most=st.sampled_from([1, _ALL]))
    def send(self, age: int, start: int, most: int) -> None:
        """Send bytes, perhaps once more, perhaps behind a gap, and start what can be started."""
        self.together(lambda place: files.send(place, age, start, most))
        self.together(lambda place: files.is_there(place, age))
        self.together(lambda place: files.start(place, age))

    @rule(age=ages)
    def cancel(self, age: int) -> None:
        """End an import, whatever it is at."""
        self.together(
            lambda place: place.record.cancel_import(
                one_of(place.crew.imports, age), at=place.site.clock.now()
            )
        )

    @rule(age=ages, worker=st.sampled_from(["worker-1", "worker-2"]))
    def claim_import(self, age: int, worker: str) -> None:
        """Take an import, where nobody has it."""
        self.together(lambda place: files.claim(place, age, worker))

    @rule(age=ages, times=st.sampled_from([1, 1, 1, MAX_CLAIMS]))
    def take_over(self, age: int, times: int) -> None:
        """Let every worker of now be late, and be replaced so many ``times``."""
        for _ in range(times):
            self.wait(LEASE)
            self.claim_import(age, "worker-4")

    @rule(age=ages)
    def carry_out(self, age: int) -> None:
        """Take an import and do all of it, from where it is."""
        workers = self.first.crew.import_workers
        before = len(workers)
        self.claim_import(age, "worker-3")
        if len(workers) == before:
            return
        while self._rest(before):
            self._take_page(before, "")
        self._end(before, ImportState.DONE)

    @precondition(lambda self: self.first.crew.import_workers)
    @rule(data=st.data(), death=deaths)
    def import_page(self, data: st.DataObject, death: str) -> None:
        """Put a page on record, or die over it."""
        workers = range(len(self.first.crew.import_workers))
        busy = [index for index in workers if self._rest(index)]
        if busy:
            self._take_page(data.draw(st.sampled_from(busy), label="worker"), death)

    @precondition(lambda self: self.first.crew.import_workers)
    @rule(data=st.data())
    def leave_import(self, data: st.DataObject) -> None:
        """Hand an import back."""
        index = self._worker(data)
        self.together(
            lambda place: place.record.leave_import(
                place.crew.import_workers[index].claim, at=place.site.clock.now()
            )
        )

    @precondition(lambda self: self.first.crew.import_workers)
    @rule(data=st.data(), state=states)
    def end_import(self, data: st.DataObject, state: ImportState) -> None:
        """End an import; nobody says that it is done who has rows left."""
        index = self._worker(data)
        if state is not ImportState.DONE or not self._rest(index):
            self._end(index, state)

    @rule(age=ages, start=st.integers(0, LINE), days=st.sampled_from([0, 1]))
    def read_and_forget(self, age: int, start: int, days: int) -> None:
        """Read a file from a byte on, and delete files of imports that were over by then."""
        self.together(lambda place: files.read(place, age, start))
        gone = timedelta(days=days)
        self.together(lambda place: place.record.forget_files(before=place.site.clock.now() - gone))

    @rule(patience=st.sampled_from([0, 60]))
    def sweep_imports(self, patience: int) -> None:
        """Announce what waits, and send what was announced."""
        self.together(
            lambda place: place.record.announce_imports(patience_seconds=patience, limit=2)
        )
        self.together(lambda place: relay(place, place.crew.imports))

    # What the first store is asked

    def _rows(self) -> list[Row]:
        """Return rows that a file may say it corrects: as a rule those that are open."""
        imports, record = self.first.crew.imports, self.first.record
        open_ = [
            Row(age, reject.row_number)
            for age, id_ in enumerate(imports)
            for reject in record.open_rejects(id_, after=0, limit=9)
        ]
        return open_ * 3 + [Row(age, number) for age in range(len(imports)) for number in (2, 3)]

    def _worker(self, data: st.DataObject) -> int:
        """Choose a worker: as a rule one of the last."""
        last = len(self.first.crew.import_workers) - 1
        recent = [index for index in (last, last, last - 1) if index >= 0]
        index: int = data.draw(st.sampled_from([*recent, *range(last + 1)]), label="worker")
        return index

    def _lines(self, index: int) -> list[Line]:
        crew = self.first.crew
        return self.files[crew.imports.index(crew.import_workers[index].claim.id)]

    def _rest(self, index: int) -> list[Line]:
        """Return the lines that the worker has not put behind them."""
        return self._lines(index)[max(self.first.crew.import_workers[index].last_row, 1) - 1 :]

    def _take_page(self, index: int, death: str) -> None:
        lines = self._lines(index)
        self.together(lambda place: survived(lambda: files.take_page(place, index, lines, death)))

    def _end(self, index: int, state: ImportState) -> None:
        why = "" if state is ImportState.DONE else "It makes no sense."
        self.together(
            lambda place: place.record.end_import(
                place.crew.import_workers[index].claim, state, why, at=place.site.clock.now()
            )
        )
