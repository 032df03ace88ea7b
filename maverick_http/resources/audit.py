"""Who did what, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import Field

from maverick_core.access.ports import AuditEntry, AuditLog
from maverick_core.access.rules import Scope
from maverick_http.auth import workspace_missing
from maverick_http.paging import Cursor, page
from maverick_http.routes import Call, Reply, route
from maverick_http.schemas.base import Page, PageQuery

_CURSOR: Final = Cursor("audit", int)


class AuditQuery(PageQuery):
    """Which entries."""

    workspace: Annotated[str | None, Field(max_length=63)] = None


@dataclass(frozen=True, slots=True)
class AuditResource:
    """The audit log: list."""

    log: AuditLog

    @route("GET", "/audit", scope=Scope.AUDIT_READ, takes=AuditQuery, answers=Page[AuditEntry])
    def list(self, call: Call[AuditQuery]) -> Reply:
        """List the audit log, the newest first. A key of one workspace sees that one's entries."""
        given = call.given
        if given.workspace is not None and not call.caller.reaches(given.workspace):
            raise workspace_missing(given.workspace)
        found = self.log.audit_entries(
            slug=given.workspace or call.caller.slug,
            before=_CURSOR.read(given.cursor),
            limit=given.limit + 1,
        )
        cursor = _CURSOR
        return Reply(
            page(
                found, given.limit, show=lambda row: row, cursor=lambda last: cursor.write(last.id)
            )
        )
