"""Files to import, and what is done with one in a store, whose ids and tokens are its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from hypothesis import strategies as st

from contracts.machines.stages.people import spellings
from contracts.machines.stages.places import ImportWorker, StagePlace, age, one_of
from contracts.machines.stages.stage import AFTER, BEFORE, dies
from contracts.store.site import LEASE
from maverick_core.pipeline.csv_import.mapping import Choices, map_columns
from maverick_core.pipeline.csv_import.ports import Page
from maverick_core.pipeline.raw_import.columns import RAW_ALIASES
from maverick_core.pipeline.raw_import.pages import PageHarvest
from maverick_core.pipeline.raw_import.rows import RawRows
from maverick_core.pipeline.raw_import.rules import (
    ImportClaim,
    NewImport,
    Reading,
    RowName,
    row_token,
)

LINE: Final = 10  # bytes of a line, whatever is in it
_PAGE: Final = 2  # rows
_HEADER: Final = ("Email", "First Name", "Title")
_ROWS: Final = RawRows(map_columns(_HEADER, Choices(), RAW_ALIASES))
_READING: Final = Reading("utf-8", ",", {"Email": "email"}, ("Title",))


class Row(NamedTuple):
    """A row of an import, which is called by its age."""

    age: int
    number: int


class Line(NamedTuple):
    """A line of a file, and the row that it says it corrects.

    The token of one that is ``strange`` was given out by another installation.
    """

    cells: tuple[str, ...]
    corrects: Row | None = None
    strange: bool = False


cells = st.one_of(
    st.tuples(spellings, st.sampled_from(["Ann", "Ann", ""]), st.sampled_from(["", "Agent"])),
    st.tuples(st.sampled_from(["ann@", "", "an\0n@oak.example"]), st.just("Ann"), st.just("")),
    st.sampled_from([("ann@oak.example", "Ann"), ("bob@any.example", "B", "", "C"), _HEADER]),
)


def add(place: StagePlace, slug: str, lines: int) -> object:
    """Put an import on record, without a byte of its file."""
    new = NewImport(f"list {len(place.crew.imports)}.csv", lines * LINE, "pat")
    added = place.record.add_import(place.ids[slug], new, at=place.site.clock.now())
    place.crew.imports.append(added.id)
    return added.state, added.received


def send(place: StagePlace, number: int, start: int, most: int) -> object:
    """Send bytes from ``start`` on; return how many are there."""
    id_ = one_of(place.crew.imports, number)
    data = _file(place, id_)[start : start + most]
    return place.record.add_part(id_, start, data)


def is_there(place: StagePlace, number: int) -> None:
    """Say that all bytes came."""
    id_ = one_of(place.crew.imports, number)
    place.record.file_is_there(id_, _digest(age(place.crew.imports, id_)))


def start(place: StagePlace, number: int) -> None:
    """Have it imported."""
    id_ = one_of(place.crew.imports, number)
    place.record.start_import(id_, _READING, at=place.site.clock.now())


def claim(place: StagePlace, number: int, worker: str) -> object:
    """Take it; returns what the claim says, or why there is none."""
    id_ = one_of(place.crew.imports, number)
    taken = place.record.claim_import(id_, worker=worker, lease_seconds=LEASE)
    if not isinstance(taken, ImportClaim):
        return taken
    place.crew.import_workers.append(ImportWorker(taken, taken.last_row))
    return place.slugs[taken.workspace_id], taken[2:]


def take_page(place: StagePlace, index: int, lines: Sequence[Line], death: str) -> object:
    """Put the worker's next page on record; returns what its tokens stand for."""
    worker = place.crew.import_workers[index]
    first = max(worker.last_row, 1) + 1
    now = lines[first - 2 :][:_PAGE]
    tokens = [_token(place, line) for line in now]
    behind = (first - 2 + len(now)) / len(lines)
    harvest = PageHarvest(Page(first, [line.cells for line in now], (), behind, tokens), _ROWS)
    with place.record.import_page(worker.claim, lease_seconds=LEASE) as page:
        standing = page.standing(harvest.tokens) if harvest.tokens else {}
        dies(death, BEFORE)
        page.close(harvest.done(standing), at=place.site.clock.now())
        dies(death, AFTER)
    worker.last_row = first + len(now) - 1
    return [
        found and (age(place.crew.imports, found.last.import_id), found.last.row_number, found.open)
        for found in map(standing.get, tokens)
    ]


def read(place: StagePlace, number: int, start: int) -> object:
    """Return the bytes from there on, part by part."""
    id_, found = one_of(place.crew.imports, number), b""
    while part := place.record.part(id_, start + len(found)):
        found += part
    return found


def _file(place: StagePlace, import_id: int) -> bytes:
    lists = [place.record.imports(id_) for id_ in place.ids.values()]
    sizes = {each.id: each.bytes for every in lists for each in every}
    return bytes(range(sizes.get(import_id, 1)))


def _digest(number: int) -> str:
    return f"{number + 1:08x}" * 8


def _token(place: StagePlace, line: Line) -> str:
    if line.corrects is None:
        return ""
    number, row = line.corrects
    name = RowName(place.crew.imports[number], row)
    return row_token(name, _digest(number + line.strange))
