"""What the application may do to the tables on PostgreSQL, when it does not own them.

Migrations are run by the owner of the tables. The role that the programs log in with can then
neither make nor change a table, and history is out of reach even of a program that was taken over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from psycopg import sql

from maverick_adapters.sql.tables import metadata

_READ: Final = ("SELECT",)
_HISTORY: Final = ("SELECT", "INSERT")
_RECORD: Final = ("SELECT", "INSERT", "UPDATE")
_PASSING: Final = ("SELECT", "INSERT", "UPDATE", "DELETE")

_BESIDE_THE_TABLES: Final = ("alembic_version", "pipeline_stats_cache")
_RIGHTS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(_BESIDE_THE_TABLES, _READ),
    **dict.fromkeys(
        ("audit_log", "batch_decisions", "disposable_journal", "target_changes", "uploads"),
        _HISTORY,
    ),
    **dict.fromkeys(
        (
            "candidate_verdicts",
            "disposable_allowed",
            "disposable_domains",
            "idempotency_keys",
            "import_parts",
            "jobs",
            "mail_domains",
            "mailbox_findings",
            "master_batches",
            "master_contacts",
            "master_marks",
            "notifications",
            "operations",
            "outbox",
            "suppressions",
        ),
        _PASSING,
    ),
}
"""Tables whose rights are not those of the record: added to and changed, but never deleted from."""


def grants(role: str) -> Sequence[str]:
    """Return the statements that give ``role`` what the programs need and nothing else.

    The owner of the tables runs them, after each upgrade. What the role had before is taken away.
    """
    return [statement.as_string(None) for statement in _grants(sql.Identifier(role))]


def _grants(role: sql.Identifier) -> Iterator[sql.Composed]:
    yield sql.SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC, {}").format(role)
    yield sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {}").format(role)
    yield sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role)
    for rights in (_READ, _HISTORY, _RECORD, _PASSING):
        yield sql.SQL("GRANT {} ON {} TO {}").format(
            sql.SQL(", ").join(map(sql.SQL, rights)),
            sql.SQL(", ").join(map(sql.Identifier, _tables(rights))),
            role,
        )
    yield sql.SQL("GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {}").format(
        role
    )


def rights_on(table: str) -> tuple[str, ...]:
    """Return what the role may do to a table."""
    return _RIGHTS.get(table, _RECORD)


def _tables(rights: tuple[str, ...]) -> Sequence[str]:
    known = sorted({*_BESIDE_THE_TABLES, *metadata.tables})
    return [name for name in known if rights_on(name) == rights]
