"""The way of a mailbox before it was a contact: found, judged, verified."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, and_, func, select

from maverick_adapters.sql.store.part import AnyRow, Part
from maverick_adapters.sql.tables import (
    candidate_verdicts,
    candidates,
    filter_verdicts,
    imports,
    raw_contacts,
    scrape_runs,
)
from maverick_core.pipeline.filtering.codes import KEPT
from maverick_core.pipeline.raw import OriginKind
from maverick_core.pipeline.views import TraceStep

_raw, _filtered, _verified = raw_contacts.c, filter_verdicts.c, candidate_verdicts.c


class RawTracesPart(Part):
    """Satisfies ``RawTraces``."""

    def raw_trace(self, workspace_id: int, email: str) -> Sequence[TraceStep]:
        """Return what happened to the mailbox; reads the workspace's raw contacts to find it."""
        with self._database.snapshot() as connection:
            rows = _found(connection, workspace_id, email)
        return [step for row in rows for step in _steps(row)]


def _found(connection: Connection, workspace_id: int, email: str) -> Sequence[AnyRow]:
    an_import = and_(_raw.origin_kind == OriginKind.CSV_IMPORT, imports.c.id == _raw.origin_id)
    a_run = and_(_raw.origin_kind == OriginKind.SCRAPE_RUN, scrape_runs.c.id == _raw.origin_id)
    query = (
        select(
            _raw.row_number,
            _raw.page_url,
            _raw.origin_kind,
            _raw.origin_id,
            _raw.added_at,
            imports.c.file_name,
            scrape_runs.c.description,
            _filtered.code,
            _filtered.detail,
            _filtered.rules_version,
            _filtered.at.label("judged_at"),
            _verified.verdict,
            _verified.reason,
            _verified.mailable,
            _verified.at.label("verified_at"),
        )
        .select_from(raw_contacts)
        .outerjoin(imports, an_import)
        .outerjoin(scrape_runs, a_run)
        .outerjoin(filter_verdicts, _filtered.raw_contact_id == _raw.id)
        .outerjoin(candidates, candidates.c.raw_contact_id == _raw.id)
        .outerjoin(candidate_verdicts, _verified.candidate_id == candidates.c.id)
        .where(_raw.workspace_id == workspace_id, func.lower(func.trim(_raw.email)) == email)
        .order_by(_raw.id)
    )
    return connection.execute(query).all()


def _steps(row: AnyRow) -> Iterator[TraceStep]:
    yield TraceStep(row.added_at, "found", _where(row))
    if row.code == KEPT:
        yield TraceStep(row.judged_at, "kept", f"by rules of version {row.rules_version}")
    elif row.code is not None:
        why = f"{row.code}, by rules of version {row.rules_version}"
        yield TraceStep(row.judged_at, "filtered", f"{why}: {row.detail}" if row.detail else why)
    if row.verdict is not None:
        what = "verified" if row.mailable else "not mailable"
        yield TraceStep(row.verified_at, what, f"{row.verdict}: {row.reason}")


def _where(row: AnyRow) -> str:
    if row.description is not None:
        name = json.loads(row.description)["name"]
        return f"contact {row.row_number} of source {name}, {row.page_url}"
    if row.origin_kind == OriginKind.MASTER_LIST:
        return f"contact {row.row_number} of refill {row.origin_id}"
    return f"row {row.row_number} of {row.file_name}"
