"""``maverick import``: a list that was verified elsewhere becomes contacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from maverick_adapters.csv_files import (
    CsvSheet,
    NoRejects,
    RejectsFile,
    free_rejects_path,
    open_sheet,
)
from maverick_core.kernel.errors import Rejected
from maverick_core.pipeline.csv_import.mapping import FIELDS, Choices, Columns
from maverick_core.pipeline.csv_import.ports import ImportCounts
from maverick_core.pipeline.csv_import.rules import REJECT_REASONS
from maverick_core.pipeline.csv_import.service import ImportContacts, ImportReport
from maverick_core.pipeline.raw_import.columns import RAW_FIELDS
from maverick_runners.cli.import_progress import progress as shown_progress
from maverick_runners.cli.output import Form, Output, print_json, print_rows, resumable, say
from maverick_runners.cli.raw_import import RawOrder, import_raw, rehearse, show_preview
from maverick_runners.cli.session import session

EXIT_ALL, EXIT_NONE, EXIT_PARTLY = 0, 1, 3

_File = Annotated[Path, typer.Argument(help="The list, as CSV.", metavar="FILE")]
_Slug = Annotated[str, typer.Option("--workspace", "-w", help="Whose contacts they are.")]
_Verified = Annotated[
    bool, typer.Option("--verified", help="The list was verified elsewhere: no filter judges it.")
]
_Preview = Annotated[
    bool, typer.Option("--preview", help="Show how the file would be read; import nothing.")
]
_Map = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="COLUMN=FIELD", help=f"FIELD: {', '.join(RAW_FIELDS)}, ignore."),
]
_Variable = Annotated[
    list[str] | None,
    typer.Option("--variable", metavar="COLUMN", help="Keep this column as a custom variable."),
]
_Encoding = Annotated[
    str | None, typer.Option(help="By default UTF-8, UTF-16 or Windows-1252, whichever it is.")
]
_Delimiter = Annotated[
    str | None, typer.Option(help="By default the comma, semicolon, tab or pipe that fits.")
]
_Rejects = Annotated[
    Path | None, typer.Option(help="Where rejected rows go; by default beside FILE.")
]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Judge every row, put none on record.")]


def import_file(
    file: _File,
    workspace: _Slug,
    verified: _Verified = False,
    preview: _Preview = False,
    maps: _Map = None,
    variables: _Variable = None,
    encoding: _Encoding = None,
    delimiter: _Delimiter = None,
    rejects: _Rejects = None,
    dry_run: _DryRun = False,
    output: Output = Form.TABLE,
) -> None:
    """Import a list. Each row is added once, or rejected with the reason.

    What is imported waits for "maverick filtering run"; with --verified it is a contact at once.
    A corrected rejects file can be imported as it is. Importing a file again adds nothing twice.
    Exit codes: 0 all rows were added, 3 some, 1 none, 2 the file or an option is wrong.
    """
    known = FIELDS if verified else RAW_FIELDS
    choices = Choices.parse(maps or (), variables or (), known=known)
    if not verified:
        order = RawOrder.of(workspace, file, choices, encoding=encoding, delimiter=delimiter)
        raise typer.Exit(_raw(order, rejects, output, preview=preview, dry_run=dry_run))
    sheet = open_sheet(file, encoding=encoding, delimiter=delimiter)
    with session() as wired:
        target = None if dry_run and rejects is None else rejects or free_rejects_path(file)
        listed = ImportOrder(workspace, sheet, choices, target, dry_run=dry_run)
        raise typer.Exit(run_import(wired.import_contacts, listed, output))


def _raw(
    order: RawOrder, rejects: Path | None, output: Form, *, preview: bool, dry_run: bool
) -> int:
    if rejects is not None:
        raise Rejected(
            "What is rejected of an unjudged list is known when the filter has judged it.",
            code="rejects_later",
            remedy='Leave --rejects away, and ask for them with "maverick imports rejects".',
        )
    if preview:
        return show_preview(order, output)
    return rehearse(order, output) if dry_run else import_raw(order, output)


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """What to import where. With ``rejects`` None, rejected rows are counted only."""

    slug: str
    sheet: CsvSheet
    choices: Choices
    rejects: Path | None
    dry_run: bool = False


def run_import(use_case: ImportContacts, order: ImportOrder, output: Form) -> int:
    """Import with live progress, print what became of the file, and return the exit code.

    Raises:
        MaverickError: as the use case does, or the rejects file cannot be made.

    """
    sheet = order.sheet
    target = (
        RejectsFile(order.rejects, sheet.header, sheet.delimiter)
        if order.rejects
        else nullcontext(NoRejects())
    )
    with resumable(), target as rejects, shown_progress(sheet.name) as progress:
        report = use_case(
            order.slug, sheet, order.choices, rejects, progress, dry_run=order.dry_run
        )
    kept = order.rejects if report.counts.rejected else None
    if output is Form.JSON:
        print_json(as_json(order, report, kept))
    else:
        _print(order, report, kept)
    return exit_code(report.counts)


def exit_code(counts: ImportCounts) -> int:
    """Return 0 when every row was added, 3 when some were, 1 when none was."""
    if not counts.added:
        return EXIT_NONE
    return EXIT_PARTLY if counts.rejected else EXIT_ALL


def as_json(order: ImportOrder, report: ImportReport, rejects: Path | None) -> Mapping[str, Any]:
    """Return the flat object that ``--output json`` promises."""
    columns = report.columns
    return {
        "workspace": order.slug,
        "file": order.sheet.name,
        "dry_run": order.dry_run,
        "import_id": report.import_id,
        "rows": report.counts.rows,
        "added": report.counts.added,
        "rejected": report.counts.rejected,
        "reject_codes": {code.value: rows for code, rows in sorted(report.rejected.items())},
        "rejects_file": str(rejects) if rejects else None,
        "encoding": order.sheet.encoding,
        "delimiter": order.sheet.delimiter,
        "fields": {field: columns.header[at] for field, at in columns.fields.items()},
        "variables": {name: columns.header[at] for name, at in columns.variables.items()},
        "ignored": list(columns.ignored),
        "suggestions": dict(columns.suggestions),
    }


def _print(order: ImportOrder, report: ImportReport, rejects: Path | None) -> None:
    if order.dry_run:
        print_rows("Columns", ("column", "becomes"), _uses(report))
    else:
        _tell_ignored(report.columns)
    verb = "would be added" if order.dry_run else "added"
    counts = report.counts
    title = f"Import of {order.sheet.name} into {order.slug}"
    print_rows(title, ("rows", verb, "rejected"), [(counts.rows, counts.added, counts.rejected)])
    if report.rejected:
        rows = [
            (code.value, n, REJECT_REASONS[code]) for code, n in sorted(report.rejected.items())
        ]
        print_rows("Rejected", ("code", "rows", "why"), rows)
    if rejects:
        say(f"Rejected rows are in {rejects}. Correct them there and import that file.")
    if order.sheet.encoding == "cp1252":
        say("The file was read as Windows-1252. If names look wrong, name its --encoding.")


def _uses(report: ImportReport) -> Sequence[tuple[str, str]]:
    columns = report.columns
    uses = {at: field for field, at in columns.fields.items()}
    uses |= {at: f"variable {name!r}" for name, at in columns.variables.items()}
    return [(name, uses.get(at, "-")) for at, name in enumerate(columns.header)]


def _tell_ignored(columns: Columns) -> None:
    if columns.ignored:
        say(f"Not imported: {', '.join(columns.ignored)}. Keep a column with --variable.")
    for column, field in columns.suggestions.items():
        say(f'Is {column!r} the {field}? Then: --map "{column}={field}".')
