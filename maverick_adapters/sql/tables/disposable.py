"""The fetched list of disposable domains, what people allow, and how both came to be."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, Table, Text

from maverick_adapters.sql.tables.columns import (
    BYTEWISE,
    Instant,
    count_column,
    id_column,
    metadata,
    one_of,
    words_column,
)
from maverick_core.pipeline.filtering.disposable import ListEvent

disposable_domains: Final = Table(
    "disposable_domains",
    metadata,
    Column("domain", BYTEWISE, nullable=False),
    PrimaryKeyConstraint("domain"),
)

disposable_allowed: Final = Table(
    "disposable_allowed",
    metadata,
    Column("domain", BYTEWISE, nullable=False),
    PrimaryKeyConstraint("domain"),
)

disposable_journal: Final = Table(
    "disposable_journal",
    metadata,
    id_column(),
    Column("event", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    words_column("why"),
    count_column("domains"),
    count_column("added"),
    count_column("removed"),
    Column("etag", Text),
    Column("last_modified", Text),
    one_of("event", *ListEvent),
)
