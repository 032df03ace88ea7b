"""The peer: plain Dramatiq and an ORM, as a competent team writes it that thinks of features first.

One task a batch. The task loads its contacts as objects, posts them in chunks of 500, sets each
contact's status and commits after each chunk. Nothing keeps a crash from sending or counting twice:
it is the same job as the product's with fewer promises.

It saves contacts one by one, as ``contact.save()`` does elsewhere, or (``PEER_SAVES=chunk``) leaves
the writing to the commit, which sends all updates of a chunk at once: somebody has thought of it.

    PEER_DATABASE=… PEER_BISON=… PEER_REDIS=… dramatiq benchmarks.orm_peer:start
"""

from __future__ import annotations

import json
import os
from typing import Any, Final

import dramatiq
import httpx
from dramatiq.brokers.redis import RedisBroker
from sqlalchemy import Engine, ForeignKey, create_engine, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

CHUNK: Final = 500
BATCH: Final = 2_500
POOL: Final = 64  # connections to the database and to the destination: never what is waited for


class Base(DeclarativeBase):
    """The peer's tables."""


class Batch(Base):
    """What one task uploads."""

    __tablename__ = "peer_batches"

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int]
    state: Mapped[str] = mapped_column(default="ready")
    uploaded: Mapped[int] = mapped_column(default=0)


class Contact(Base):
    """A contact and what became of it."""

    __tablename__ = "peer_contacts"

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey(Batch.id), index=True)
    email: Mapped[str]
    first_name: Mapped[str]
    last_name: Mapped[str | None]
    title: Mapped[str | None]
    company: Mapped[str | None]
    notes: Mapped[str | None]
    variables: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="pending")
    lead_id: Mapped[int | None]


_FIELDS: Final = ("email", "first_name", "last_name", "title", "company", "notes")

_PLAN: Final = f"""
WITH planned AS (
    SELECT c.*, workspace_id * 10000
           + (row_number() OVER (PARTITION BY workspace_id ORDER BY id) - 1) / {BATCH} AS batch_id
    FROM contacts c
), batches AS (
    INSERT INTO peer_batches (id, workspace_id, state, uploaded)
    SELECT DISTINCT batch_id, workspace_id, 'ready', 0 FROM planned
)
INSERT INTO peer_contacts (id, batch_id, email, first_name, last_name, title, company, notes,
                           variables, status)
SELECT id, batch_id, email, first_name, last_name, title, company, notes, variables, 'pending'
FROM planned
"""  # noqa: S608 - a number of ours


def plan(engine: Engine) -> None:
    """Make the peer's tables from the product's contacts, in batches; this is not timed."""
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(text(_PLAN))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def declare(
    broker: dramatiq.Broker,
    sessions: sessionmaker[Session],
    client: httpx.Client,
    *,
    row_by_row: bool,
) -> None:
    """Bind the one actor to its broker."""

    @dramatiq.actor(broker=broker)
    def upload_batch(batch_id: int) -> None:
        with sessions() as session:
            batch = session.get_one(Batch, batch_id)
            pending = select(Contact).where(
                Contact.batch_id == batch_id, Contact.status == "pending"
            )
            contacts = session.scalars(pending.order_by(Contact.id)).all()
            for first in range(0, len(contacts), CHUNK):
                chunk = contacts[first : first + CHUNK]
                lead_ids = _send(client, batch.workspace_id, chunk)
                for contact in chunk:
                    contact.lead_id = lead_ids.get(contact.email)
                    contact.status = "uploaded" if contact.lead_id else "skipped"
                    if row_by_row:
                        session.flush()
                batch.uploaded += len(lead_ids)
                session.commit()
            batch.state = "uploaded"
            session.commit()


def _send(client: httpx.Client, workspace_id: int, contacts: Any) -> dict[str, int]:
    answer = client.post(
        "/api/leads/create-or-update/multiple",
        json={"existing_lead_behavior": "patch", "leads": [_lead(each) for each in contacts]},
        headers={"Authorization": f"Bearer {workspace_id}|peer"},
    )
    answer.raise_for_status()
    return {lead["email"]: lead["id"] for lead in answer.json()["data"]}


def _lead(contact: Contact) -> dict[str, Any]:
    lead = {name: value for name in _FIELDS if (value := getattr(contact, name))}
    if contact.variables:
        variables = json.loads(contact.variables)
        lead["custom_variables"] = [{"name": n, "value": v} for n, v in variables.items()]
    return lead


def start() -> None:
    """Build the broker with its actor; Dramatiq's command calls this in each process."""
    broker = RedisBroker(url=os.environ["PEER_REDIS"])  # type: ignore[no-untyped-call]
    dramatiq.set_broker(broker)
    engine = create_engine(os.environ["PEER_DATABASE"], pool_size=POOL)
    # Without this every contact would be read again, one by one, after each commit.
    sessions = sessionmaker(engine, expire_on_commit=False)
    client = httpx.Client(base_url=os.environ["PEER_BISON"], timeout=120)
    declare(broker, sessions, client, row_by_row=os.environ["PEER_SAVES"] == "row")
