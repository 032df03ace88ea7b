"""What both peers of the raw import are given, and what they keep: their table, and whole rows."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psycopg

TABLE: Final = "peer_contacts"
FIELDS: Final = {
    "Email": "email",
    "First Name": "first_name",
    "Last Name": "last_name",
    "Title": "title",
    "Company": "company",
    "Notes": "notes",
    "Phone": "phone",
    "State": "state",
    "Policy Type": "policy_type",
}
EMAIL: Final = r"[a-z0-9._%+'-]+@(?:[a-z0-9-]+\.)+[a-z]{2,}"
ROLE: Final = r"nobody\d*@"
CONTROL: Final = "[\x00-\x08\x0b\x0c\x0e-\x1f]"
_COLUMNS: Final = ", ".join(f"{name} text NOT NULL" for name in FIELDS.values())
_MAKE: Final = f"CREATE TABLE {TABLE} (id bigserial PRIMARY KEY, {_COLUMNS}, UNIQUE (email))"


def plain(address: str) -> str:
    """Return the address as psycopg takes it."""
    return address.replace("+psycopg", "")


def make_table(address: str) -> None:
    """Make the peers' table, empty."""
    with psycopg.connect(plain(address)) as connection:
        connection.execute(_MAKE)


def is_good(email: str, first_name: str) -> bool:
    """Say whether a careful script would keep the row."""
    return bool(
        re.fullmatch(EMAIL, email)
        and not re.match(ROLE, email)
        and first_name.strip()
        and not re.search(CONTROL, first_name)
    )


def whole_rows(file: Path) -> tuple[list[str], list[list[str]]]:
    """Return the header, and the rows that have its shape.

    Neither library does that by itself: one stray quote, and all rows below are lost. So both are
    given what a careful script gives them, lines that were looked at.
    """
    header: list[str] = []
    rows: list[list[str]] = []
    for row in _records(file):
        if not header:
            header = row
        elif len(row) == len(header):
            rows.append(row)
    return header, rows


def _records(file: Path) -> Iterator[list[str]]:
    held = ""
    with file.open(encoding="utf-8", newline="") as lines:
        for line in lines:
            first = line.partition(",")[0]
            if held and ("@" in first or not first):  # a contact begins inside a quote left open
                held = ""
            held += line
            if held.count('"') % 2 == 0:
                yield next(csv.reader([held]))
                held = ""
