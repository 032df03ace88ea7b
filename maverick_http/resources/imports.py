"""Files that are sent, looked at, imported, and what was rejected of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from maverick_adapters.csv_files import rejects_csv
from maverick_core.access.rules import Action, Scope
from maverick_core.kernel.time import Clock
from maverick_core.pipeline.filtering.codes import shown_codes
from maverick_core.pipeline.raw_import.ports import ImportRejects, Imports, Sheets
from maverick_core.pipeline.raw_import.rehearsal import preview
from maverick_core.pipeline.raw_import.rejects import ReadRejects
from maverick_core.pipeline.raw_import.rules import Import, NewImport, Reading, no_import
from maverick_core.pipeline.raw_import.service import StartImport, TakeFile
from maverick_core.workspaces.ports import Workspaces
from maverick_http.paging import Cursor, page
from maverick_http.routes import API, Call, Reply, route
from maverick_http.schemas.base import NoBody, NoQuery, Page, PageQuery
from maverick_http.schemas.imports import (
    ImportAnswer,
    ImportDetailAnswer,
    ImportProgressAnswer,
    NewImportBody,
    PartQuery,
    PreviewAnswer,
    PreviewQuery,
    ReadingBody,
)

_CURSOR: Final = Cursor("imports", int)
_NUMBER: Final = re.compile("[1-9][0-9]{0,14}", re.ASCII)
_ONE: Final = "/workspaces/{slug}/imports/{import_id}"
_SUBJECT: Final = "{slug}/{import_id}"


@dataclass(frozen=True, slots=True)
class ImportsResource:
    """Imports: begin, send, look, start, cancel, list, show, take the rejects."""

    workspaces: Workspaces
    imports: Imports
    open_rejects: ImportRejects
    sheets: Sheets
    take_file: TakeFile
    start_import: StartImport
    read_rejects: ReadRejects
    clock: Clock

    @route(
        "GET",
        "/workspaces/{slug}/imports",
        scope=Scope.IMPORTS_READ,
        takes=PageQuery,
        answers=Page[ImportAnswer],
    )
    def list(self, call: Call[PageQuery], slug: str) -> Reply:
        """List a workspace's imports, the newest first."""
        found = self.imports.imports(
            self.workspaces.workspace(slug).id,
            before=_CURSOR.read(call.given.cursor),
            limit=call.given.limit + 1,
        )
        return Reply(
            page(
                found,
                call.given.limit,
                show=lambda each: _shown(slug, each),
                cursor=lambda last: _CURSOR.write(last.id),
            )
        )

    @route(
        "POST",
        "/workspaces/{slug}/imports",
        scope=Scope.IMPORTS_WRITE,
        takes=NewImportBody,
        answers=ImportAnswer,
        status=HTTPStatus.CREATED,
        once=True,
        audited=Action.IMPORT_ADD,
    )
    def add(self, call: Call[NewImportBody], slug: str) -> Reply:
        """Announce a file. Its bytes are sent next, in parts of any size the server takes."""
        given = call.given
        new = NewImport(given.file_name, given.bytes, call.actor, given.sha256)
        found = self.take_file.begin(slug, new)
        location = f"{API}/workspaces/{slug}/imports/{found.id}"
        return Reply(_shown(slug, found), location=location)

    @route("GET", _ONE, scope=Scope.IMPORTS_READ, answers=ImportDetailAnswer)
    def show(self, call: Call[NoQuery], slug: str, import_id: str) -> Reply:
        """Show how far an import is, and what became of its rows."""
        found = self._one(slug, import_id)
        return Reply(
            ImportDetailAnswer(
                **_shown(slug, found).model_dump(),
                fates=self.open_rejects.fates(found.id),
                open=shown_codes(
                    self.open_rejects.reject_counts(found.id), everywhere=call.caller.slug is None
                ),
            )
        )

    @route(
        "PUT",
        _ONE + "/content",
        scope=Scope.IMPORTS_WRITE,
        takes=PartQuery,
        content="application/octet-stream",
        answers=ImportAnswer,
        audited=Action.IMPORT_SEND,
        subject=_SUBJECT,
    )
    def send(self, call: Call[PartQuery], slug: str, import_id: str) -> Reply:
        """Send a part of the file, from byte `start` on.

        What is there already is taken as read, so a part whose answer was lost is sent again. With
        the last byte the import is ready.
        """
        found = self._one(slug, import_id)
        return Reply(_shown(slug, self.take_file(found, call.given.start, call.content)))

    @route(
        "GET",
        _ONE + "/preview",
        scope=Scope.IMPORTS_READ,
        takes=PreviewQuery,
        answers=PreviewAnswer,
    )
    def preview(self, call: Call[PreviewQuery], slug: str, import_id: str) -> Reply:
        """Show the file as it would be read: encoding, delimiter, columns, first rows."""
        found = self._one(slug, import_id)
        reading = Reading(call.given.encoding, call.given.delimiter)
        return Reply(PreviewAnswer.model_validate(preview(self.sheets.sheet(found, reading))))

    @route(
        "POST",
        _ONE + ":start",
        scope=Scope.IMPORTS_WRITE,
        takes=ReadingBody,
        answers=ImportAnswer,
        status=HTTPStatus.ACCEPTED,
        once=True,
        audited=Action.IMPORT_START,
        subject=_SUBJECT,
    )
    def start(self, call: Call[ReadingBody], slug: str, import_id: str) -> Reply:
        """Have the file imported, read as the body says. A worker does it; watch the progress."""
        given = call.given
        reading = Reading(given.encoding, given.delimiter, given.fields, tuple(given.variables))
        return Reply(_shown(slug, self.start_import(self._one(slug, import_id), reading)))

    @route(
        "POST",
        _ONE + ":cancel",
        scope=Scope.IMPORTS_WRITE,
        takes=NoBody,
        answers=ImportAnswer,
        once=True,
        audited=Action.IMPORT_CANCEL,
        subject=_SUBJECT,
    )
    def cancel(self, call: Call[NoBody], slug: str, import_id: str) -> Reply:  # noqa: ARG002
        """End an import before its end. Rows that are on record stay."""
        found = self._one(slug, import_id)
        self.imports.cancel_import(found.id, at=self.clock.now())
        return Reply(_shown(slug, self._one(slug, import_id)))

    @route(
        "GET",
        _ONE + "/rejects.csv",
        scope=Scope.IMPORTS_READ,
        answers=None,
        media="text/csv",
    )
    def rejects(self, call: Call[NoQuery], slug: str, import_id: str) -> Reply:
        """Give out the rows that wait for their correction, with the reason and a token each."""
        found = self._one(slug, import_id)
        named = {"Content-Disposition": f'attachment; filename="rejects-{found.id}.csv"'}
        rejected = self.read_rejects(found, everywhere=call.caller.slug is None)
        return Reply(rejects_csv(rejected), headers=named)

    def _one(self, slug: str, import_id: str) -> Import:
        workspace = self.workspaces.workspace(slug)
        if not _NUMBER.fullmatch(import_id):
            raise no_import(0)
        return self.imports.import_of(workspace.id, int(import_id))


def _shown(slug: str, found: Import) -> ImportAnswer:
    progress = ImportProgressAnswer(
        done=found.last_row,
        total=found.total,
        rate=found.rate,
        eta_seconds=found.eta_seconds,
    )
    return ImportAnswer(
        id=found.id,
        workspace=slug,
        kind=found.kind,
        file_name=found.file_name,
        status=found.state,
        why=found.why,
        by=found.by,
        bytes=found.bytes,
        received=found.received,
        sha256=found.digest,
        encoding=found.reading.encoding,
        delimiter=found.reading.delimiter,
        rows=found.rows,
        added=found.added,
        rejected=found.rejected,
        repeated=found.repeated,
        corrected=found.corrected,
        progress=progress,
        started_at=found.started_at,
        finished_at=found.finished_at,
    )
