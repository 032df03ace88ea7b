"""A list taken in with pandas: chunks of a frame, cleaned by column, copied into a table.

python -m benchmarks.raw_pandas DATABASE FILE
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Final

import pandas as pd
import psycopg
from psycopg import sql

from benchmarks import child
from benchmarks.raw_rows import (
    CONTROL,
    EMAIL,
    FIELDS,
    ROLE,
    TABLE,
    make_table,
    plain,
    whole_rows,
)

_CHUNK: Final = 50_000


def main() -> None:
    address, name = sys.argv[1:]
    make_table(address)
    kept = 0
    seen: set[str] = set()
    with child.Stopwatch() as watch, psycopg.connect(plain(address)) as connection:
        header, rows = whole_rows(Path(name))
        for start in range(0, len(rows), _CHUNK):
            frame = pd.DataFrame(rows[start : start + _CHUNK], columns=header, dtype=str)
            frame = cleaned(frame.rename(columns=FIELDS))
            frame = frame[~frame["email"].isin(seen)]
            seen.update(frame["email"])
            copy_in(connection, frame)
            kept += len(frame)
    child.report(watch, rows=int(Path(name).stem), kept=kept)


def cleaned(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows to keep, each mailbox once."""
    frame["email"] = frame["email"].str.strip().str.lower()
    good = frame["email"].str.fullmatch(EMAIL)
    good &= ~frame["email"].str.match(ROLE)
    good &= frame["first_name"].str.strip().ne("")
    good &= ~frame["first_name"].str.contains(CONTROL)
    return frame[good].drop_duplicates("email")


def copy_in(connection: psycopg.Connection, frame: pd.DataFrame) -> None:
    """Write the frame into the table by COPY."""
    text = io.StringIO()
    frame.to_csv(text, index=False, header=False, quoting=1)
    names = sql.SQL(", ").join(map(sql.Identifier, frame.columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT CSV)")
    into = statement.format(sql.Identifier(TABLE), names)
    with connection.cursor() as cursor, cursor.copy(into) as copy:
        copy.write(text.getvalue())


if __name__ == "__main__":
    main()
