"""What other workspaces have of some mailboxes at present, looked up by key table by table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, select

from maverick_adapters.sql.dialects import Dialect
from maverick_adapters.sql.store.part import AnyRow, ids
from maverick_adapters.sql.store.raw import plain
from maverick_adapters.sql.tables import (
    batch_members,
    candidate_verdicts,
    candidates,
    contacts,
    outcomes,
    workspaces,
)
from maverick_core.pipeline.contact import Outcome
from maverick_core.pipeline.master_fill.overlap import NOWHERE, Elsewhere, with_outcomes

_contact, _candidate, _outcome = contacts.c, candidates.c, outcomes.c


def elsewhere_of(
    connection: Connection, dialect: Dialect, workspace_id: int, emails: Sequence[str]
) -> Mapping[str, Elsewhere]:
    """Return it for those that another workspace has, or had."""
    if not emails:
        return {}
    others = ids(connection, select(workspaces.c.id).where(workspaces.c.id != workspace_id))
    contacts_there = select(_contact.id, _contact.email).where(
        dialect.among(_contact.workspace_id, others), dialect.among_keys(_contact.email, emails)
    )
    held: dict[int, str] = dict(plain(connection, contacts_there))
    settled = _settled(connection, dialect, list(held))
    open_ids = list(held.keys() - {row.contact_id for row in settled})
    found = dict.fromkeys(_candidates(connection, dialect, workspace_id, emails), _WAITS)
    found |= {held[id_]: _WAITS for id_ in open_ids}
    for id_ in _batched(connection, dialect, open_ids):
        found[held[id_]] = _WAITS._replace(batched=True)
    by_email: dict[str, list[AnyRow]] = {}
    for row in settled:
        by_email.setdefault(held[row.contact_id], []).append(row)
    for email, rows in by_email.items():
        events = [(row.at, row.contact_id, Outcome(row.outcome)) for row in rows]
        found[email] = with_outcomes(found.get(email, NOWHERE), events)
    return found


_WAITS = Elsewhere(waits=True)


def _settled(
    connection: Connection, dialect: Dialect, contact_ids: Sequence[int]
) -> Sequence[AnyRow]:
    query = select(_outcome.contact_id, _outcome.outcome, _outcome.at)
    rows: Sequence[AnyRow] = connection.execute(
        query.where(dialect.among(_outcome.contact_id, contact_ids))
    ).all()
    return rows


def _batched(connection: Connection, dialect: Dialect, contact_ids: Sequence[int]) -> Sequence[int]:
    member = batch_members.c
    return ids(
        connection,
        select(member.contact_id).where(
            ~member.released, dialect.among(member.contact_id, contact_ids)
        ),
    )


def _candidates(
    connection: Connection, dialect: Dialect, workspace_id: int, emails: Sequence[str]
) -> Iterable[str]:
    """Return whom another workspace's verification has not come to."""
    foreign: ColumnElement[bool] = _candidate.workspace_id != workspace_id
    query = select(_candidate.id, _candidate.email).where(
        foreign, dialect.among_keys(_candidate.email, emails)
    )
    kept: dict[int, str] = dict(plain(connection, query))
    verdict = candidate_verdicts.c
    judged = ids(
        connection,
        select(verdict.candidate_id).where(dialect.among(verdict.candidate_id, list(kept))),
    )
    return [kept[id_] for id_ in kept.keys() - set(judged)]
