"""``maverick import`` of a list that nobody has judged: looked at, tried, or carried out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from maverick_adapters.csv_files import CsvSheet, open_sheet
from maverick_core.access.rules import Action
from maverick_core.pipeline.csv_import.mapping import Choices, Columns
from maverick_core.pipeline.csv_import.ports import ImportCounts
from maverick_core.pipeline.filtering.codes import KEPT
from maverick_core.pipeline.raw_import.codes import reason
from maverick_core.pipeline.raw_import.columns import SURE, columns_of
from maverick_core.pipeline.raw_import.rehearsal import Preview, preview
from maverick_core.pipeline.raw_import.rules import (
    Import,
    ImportState,
    NewImport,
    Reading,
    same_file,
)
from maverick_runners.cli.auditing import audited
from maverick_runners.cli.import_progress import progress
from maverick_runners.cli.output import (
    EXIT_INTERRUPTED,
    Form,
    print_json,
    print_rows,
    say,
)
from maverick_runners.cli.session import session, who

if TYPE_CHECKING:
    from maverick_adapters.container import Wired

EXIT_ALL, EXIT_NONE, EXIT_PARTLY = 0, 1, 3
_BLOCK: Final = 1 << 22  # bytes that are taken in at a time
_CERTAIN: Final = 100  # per cent
_LOOKED_AT: Final = 1_000  # imports before this one, among which the same file is looked for
_CELL: Final = 30  # characters of a cell that a preview shows


@dataclass(frozen=True, slots=True)
class RawOrder:
    """A file that nobody has judged, and how it is to be read."""

    slug: str
    file: Path
    reading: Reading

    @classmethod
    def of(
        cls,
        slug: str,
        file: Path,
        choices: Choices,
        *,
        encoding: str | None,
        delimiter: str | None,
    ) -> RawOrder:
        """Put together what was said on the command line."""
        fields, variables = dict(choices.fields), tuple(choices.variables)
        return cls(slug, file, Reading(encoding or "", delimiter or "", fields, variables))

    def sheet(self) -> CsvSheet:
        """Look at the file where it is."""
        reading = self.reading
        return open_sheet(
            self.file, encoding=reading.encoding or None, delimiter=reading.delimiter or None
        )


def show_preview(order: RawOrder, output: Form) -> int:
    """Print how the file would be read; needs no database."""
    sheet = order.sheet()
    seen = preview(sheet)
    if output is Form.JSON:
        print_json(_preview_json(seen))
    else:
        _print_preview(seen, said=order.reading.fields)
    columns_of(sheet, order.reading)  # says what is missing, and how to say it
    return EXIT_ALL


def rehearse(order: RawOrder, output: Form) -> int:
    """Print what importing and filtering the file would come to; return the exit code."""
    sheet = order.sheet()
    with session() as wired, progress(sheet.name) as told:

        def tell(rows: int, read: float) -> None:
            told(ImportCounts(rows, rows), read)

        found = wired.rehearse_import(order.slug, sheet, order.reading, tell)
    kept = found.codes.get(KEPT, 0)
    if output is Form.JSON:
        whole = {"workspace": order.slug, "file": sheet.name, "dry_run": True}
        counts = {"rows": found.rows, "kept": kept, "codes": dict(sorted(found.codes.items()))}
        print_json({**whole, **counts, **_read_as(sheet.encoding, sheet.delimiter, found.columns)})
    else:
        rows = [(code, n, _why(code)) for code, n in sorted(found.codes.items())]
        print_rows(f"{sheet.name} into {order.slug}, judged", ("code", "rows", "why"), rows)
        say(f"{kept:,} of {found.rows:,} rows would be kept. Nothing was put on record.")
    return _exit_code(kept, found.rows - kept)


def import_raw(order: RawOrder, output: Form) -> int:
    """Take the file in, import it, say what became of it, and return the exit code."""
    columns = columns_of(order.sheet(), order.reading)
    with session() as wired:
        taken = take(wired, order)
        _say_if_known(wired, taken)
        with audited(wired, Action.IMPORT_START, f"{order.slug}/{taken.id}", slug=order.slug):
            started = wired.start_import(taken, order.reading)
        ended = carry_out(wired, started)
    report(order.slug, ended, output, columns)
    return _exit_code(ended.added, ended.rejected)


def carry_out(wired: Wired, started: Import) -> Import:
    """Import what was started, with live progress, and return the import as it stands then.

    Interrupted, it is handed back with the page in hand, and the way to go on is said.
    """
    try:
        with progress(started.file_name) as told:
            code = wired.run_import(
                started.id,
                worker=who(),
                told=lambda rows, read: told(ImportCounts(rows, rows), read),
            )
    except KeyboardInterrupt:
        say(f'Interrupted. Go on with "maverick imports resume {started.id}".')
        raise typer.Exit(EXIT_INTERRUPTED) from None
    ended = wired.store.import_of(started.workspace_id, started.id)
    if code == "busy":
        say(f"A worker has import {started.id} already; it is not done twice.")
    return ended


def report(
    slug: str,
    ended: Import,
    output: Form,
    columns: Columns | None = None,
    *,
    hints: bool = True,
) -> None:
    """Print what became of the file; ``hints`` say what comes next."""
    if output is Form.JSON:
        found = import_json(slug, ended)
        print_json({**found, **(_columns_json(columns) if columns else {})})
        return
    if columns and columns.ignored:
        say(f"Not imported: {', '.join(columns.ignored)}. Keep a column with --variable.")
    title = f"Import {ended.id} of {ended.file_name} into {slug}: {ended.state}"
    counts = (ended.rows, ended.added, ended.rejected, ended.corrected, ended.repeated)
    print_rows(title, ("rows", "added", "rejected", "corrected", "repeated"), [counts])
    if ended.why:
        say(ended.why)
    if ended.state is ImportState.DONE and hints:
        say(f'Judge what was added with "maverick filtering run --workspace {slug}".')
        say(f'What is rejected then: "maverick imports rejects {ended.id} -w {slug}".')
    if ended.reading.encoding == "cp1252":
        say("The file was read as Windows-1252. If names look wrong, name its --encoding.")


def import_json(slug: str, found: Import) -> Mapping[str, Any]:
    """Return the flat object that ``--output json`` promises."""
    return {
        "import_id": found.id,
        "workspace": slug,
        "kind": found.kind.value,
        "file": found.file_name,
        "state": found.state.value,
        "why": found.why,
        "rows": found.rows,
        "added": found.added,
        "rejected": found.rejected,
        "corrected": found.corrected,
        "repeated": found.repeated,
        "read": round(found.read, 4),
        "rate": found.rate and round(found.rate),
        "eta_seconds": found.eta_seconds and round(found.eta_seconds),
        "encoding": found.reading.encoding,
        "delimiter": found.reading.delimiter,
        "started_at": found.started_at,
        "finished_at": found.finished_at,
    }


def take(wired: Wired, order: RawOrder) -> Import:
    """Put the file on record, part by part."""
    new = NewImport(order.file.name, order.file.stat().st_size, who())
    with audited(wired, Action.IMPORT_ADD, f"{order.slug}/{new.file_name}", slug=order.slug):
        found = wired.take_file.begin(order.slug, new)
        with order.file.open("rb") as file:
            while data := file.read(_BLOCK):
                found = wired.take_file(found, found.received, data)
    return found


def _say_if_known(wired: Wired, taken: Import) -> None:
    earlier = wired.store.imports(taken.workspace_id, before=taken.id, limit=_LOOKED_AT)
    if same := same_file(taken, earlier):
        say(
            f"The same file came in before, as import {same.id} of {same.started_at:%Y-%m-%d}. "
            "Whoever is known by now will be filtered as a duplicate."
        )


def _exit_code(good: int, bad: int) -> int:
    if not good:
        return EXIT_NONE
    return EXIT_PARTLY if bad else EXIT_ALL


def _why(code: str) -> str:
    return "Waits for verification." if code == KEPT else reason(code, "")


def _read_as(encoding: str, delimiter: str, columns: Columns) -> Mapping[str, Any]:
    return {"encoding": encoding, "delimiter": delimiter, **_columns_json(columns)}


def _columns_json(columns: Columns) -> dict[str, Any]:
    return {
        "fields": {field: columns.header[at] for field, at in columns.fields.items()},
        "variables": {name: columns.header[at] for name, at in columns.variables.items()},
        "ignored": list(columns.ignored),
    }


def _preview_json(seen: Preview) -> Mapping[str, Any]:
    return {
        "encoding": seen.encoding,
        "delimiter": seen.delimiter,
        "columns": [
            {"column": guess.column, "field": guess.field, "confidence": guess.confidence}
            for guess in seen.columns
        ],
        "rows": [list(row) for row in seen.rows],
    }


def _print_preview(seen: Preview, *, said: Mapping[str, str]) -> None:
    table = [
        (
            guess.column,
            guess.field or "-",
            f"{guess.confidence} %",
            ", ".join(_short(cell) for cell in guess.samples),
        )
        for guess in seen.columns
    ]
    cut = "tab" if seen.delimiter == "\t" else seen.delimiter
    title = f"Read as {seen.encoding}, cells separated by {cut}"
    print_rows(title, ("column", "field", "sure", "for example"), table)
    for guess in seen.columns:
        asked = guess.column not in said and SURE <= guess.confidence < _CERTAIN
        if guess.field and asked:
            choice = f"{guess.column}={guess.field}"
            say(f'Is {guess.column!r} the {guess.field}? Then: --map "{choice}".')
    say("A wrong letter or cell? Name --encoding or --delimiter and look again.")


def _short(cell: str) -> str:
    return cell if len(cell) <= _CELL else f"{cell[:_CELL]}…"
