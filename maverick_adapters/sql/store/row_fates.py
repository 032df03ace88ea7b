"""What became of the rows of imports: where each stands now, and which are open."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Select, and_, exists, func, literal_column, select, union_all

from maverick_adapters.sql.dialects import Dialect
from maverick_adapters.sql.store.part import Part
from maverick_adapters.sql.tables import (
    filter_verdicts,
    import_corrections,
    import_rejects,
    imports,
    raw_contacts,
)
from maverick_core.pipeline.filtering.codes import KEPT
from maverick_core.pipeline.raw_import.ports import OpenReject
from maverick_core.pipeline.raw_import.rules import RowName

_raw, _verdict, _wrong = raw_contacts.c, filter_verdicts.c, import_rejects.c
_correction = import_corrections.c
# In these words the partial index knows itself, on a prepared statement too.
_IMPORTED: Final = _raw.origin_kind == literal_column("'csv_import'")


class RowFatesPart(Part):
    """Satisfies ``ImportRejects``."""

    def open_rejects(self, import_id: int, *, after: int, limit: int) -> Sequence[OpenReject]:
        """Return open rows; see ``ImportRejects.open_rejects``.

        Either kind is read by its key up to the limit, so a page costs the same wherever it begins.
        """
        found = []
        with self._database.snapshot() as connection:
            for query, number in ((_wrong_rows(import_id), _wrong), (_refused(import_id), _raw)):
                row = number.row_number
                page = query.where(row > after).order_by(row).limit(limit)
                found += [OpenReject(*each) for each in connection.execute(page)]
        return sorted(found)[:limit]

    def reject_counts(self, import_id: int) -> Mapping[str, int]:
        """Count open rows by code; see ``ImportRejects.reject_counts``."""
        both = union_all(_wrong_rows(import_id), _refused(import_id)).subquery()
        query = select(both.c.code, func.count()).group_by(both.c.code).order_by(both.c.code)
        with self._database.read() as connection:
            return {code: rows for code, rows in connection.execute(query)}  # noqa: C416 - rows are no pairs

    def fates(self, import_id: int) -> Mapping[str, int]:
        """Count rows by what became of them; see ``ImportRejects.fates``."""
        judged = (
            select(func.count(), func.count(_verdict.code))
            .select_from(raw_contacts)
            .outerjoin(filter_verdicts, _verdict.raw_contact_id == _raw.id)
            .where(_of_import(import_id))
        )
        kept = judged.with_only_columns(func.count()).where(_verdict.code == KEPT)
        closed = select(func.count()).where(_correction.import_id == import_id)
        rows = select(imports.c.rows).where(imports.c.id == import_id)
        with self._database.snapshot() as connection:
            raw, with_verdict = connection.execute(judged).one()
            counts = {
                "waiting": raw - with_verdict,
                "kept": connection.execute(kept).scalar_one(),
                "closed": connection.execute(closed).scalar_one(),
            }
            total = connection.execute(rows).scalar_one()
        return {**counts, "open": total - sum(counts.values())}


def last_rows(
    connection: Connection, dialect: Dialect, names: Collection[RowName]
) -> Mapping[RowName, RowName]:
    """Return for each row the one that stands for it now, itself where nobody corrected it."""
    last = {name: name for name in names}
    while step := _corrected_by(connection, dialect, set(last.values())):
        last = {name: step.get(now, now) for name, now in last.items()}
    return last


def open_rows(
    connection: Connection, dialect: Dialect, names: Collection[RowName]
) -> Collection[RowName]:
    """Return those of the rows that are rejected; whether they were corrected is not looked at."""
    found: set[RowName] = set()
    for import_id, numbers in _by_import(names).items():
        among = dialect.among(_wrong.row_number, numbers)
        wrong = select(_wrong.row_number).where(_wrong.import_id == import_id, among)
        refused = (
            select(_raw.row_number)
            .join(filter_verdicts, _verdict.raw_contact_id == _raw.id)
            .where(_of_import(import_id), dialect.among(_raw.row_number, numbers))
            .where(_verdict.code != KEPT)
        )
        for query in (wrong, refused):
            found |= {RowName(import_id, row) for row in connection.execute(query).scalars()}
    return found


def _corrected_by(
    connection: Connection, dialect: Dialect, names: Collection[RowName]
) -> Mapping[RowName, RowName]:
    found = {}
    for import_id, numbers in _by_import(names).items():
        query = select(import_corrections).where(
            _correction.import_id == import_id, dialect.among(_correction.row_number, numbers)
        )
        for row in connection.execute(query):
            by = RowName(row.by_import_id, row.by_row_number)
            found[RowName(row.import_id, row.row_number)] = by
    return found


def _by_import(names: Collection[RowName]) -> Mapping[int, list[int]]:
    grouped: dict[int, list[int]] = {}
    for import_id, number in names:
        grouped.setdefault(import_id, []).append(number)
    return grouped


def _of_import(import_id: int) -> Any:
    return and_(_IMPORTED, _raw.origin_id == import_id)


def _wrong_rows(import_id: int) -> Select[Any]:
    closed = exists().where(
        _correction.import_id == _wrong.import_id, _correction.row_number == _wrong.row_number
    )
    return select(_wrong.row_number, _wrong.code, _wrong.detail).where(
        _wrong.import_id == import_id, ~closed
    )


def _refused(import_id: int) -> Select[Any]:
    closed = exists().where(
        _correction.import_id == _raw.origin_id, _correction.row_number == _raw.row_number
    )
    return (
        select(_raw.row_number, _verdict.code, _verdict.detail)
        .join(filter_verdicts, _verdict.raw_contact_id == _raw.id)
        .where(_of_import(import_id), _verdict.code != KEPT, ~closed)
    )
