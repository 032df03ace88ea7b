"""The file of rejected rows: what was wrong goes before the original columns.

In front, so that rows with too many or too few cells keep their shape: imported again uncorrected,
each row gets the same verdict; corrected, it becomes a contact. Written in UTF-8 with the mark that
spreadsheets look for, and with the delimiter of the file that the rows come from.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain, count
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from maverick_core.kernel.errors import Conflict, Unavailable
from maverick_core.pipeline.csv_import.formulas import neutralise
from maverick_core.pipeline.csv_import.ports import RejectedRow
from maverick_core.pipeline.raw_import.rejects import Rejected

TOKEN_COLUMN: Final = "row_token"  # noqa: S105 - a column's name
_BEFORE: Final = ("reject_row", "reject_code", "reject_reason")
REJECT_COLUMNS: Final = (*_BEFORE, TOKEN_COLUMN)
"""What may stand before the original columns; the token only where rows are known by one."""
_MARK: Final = "\ufeff"


def free_rejects_path(source: Path) -> Path:
    """Return where the rejects of ``source`` go: beside it, over nothing that is there.

    ``list.csv`` has ``list.rejects.csv``, then ``list.rejects-2.csv``: a rejects file may be one
    that somebody has half corrected.
    """
    first = source.with_name(f"{source.stem}.rejects.csv")
    others = (source.with_name(f"{source.stem}.rejects-{number}.csv") for number in count(2))
    return next(path for path in chain([first], others) if not path.exists())


class RejectsFile:
    """Keeps rejected rows in a new file, which is taken away again if there are none.

    Use it as a context manager. Entering makes the file, so that a directory that cannot be written
    to is found out before anything is imported.
    """

    def __init__(self, path: Path, header: Sequence[str], delimiter: str) -> None:
        """Write to ``path`` below ``header``, which are the original columns."""
        self.path = path
        self.rows = 0
        self._header = header
        self._delimiter = delimiter
        self._file: BinaryIO

    def __enter__(self) -> Self:
        """Make the file.

        Raises:
            Conflict: ``rejects_exist``, something is there already.
            Unavailable: ``rejects_unwritable``.

        """
        with _writing(self.path):
            self._file = self.path.open("xb")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file, and take it away if nothing was rejected."""
        self._file.close()
        if not self.rows:
            with suppress(OSError):
                self.path.unlink()

    def add(self, rows: Sequence[RejectedRow]) -> None:
        """Write ``rows`` and hand them to the operating system.

        Raises:
            Unavailable: ``rejects_unwritable``, for instance because the disk is full.

        """
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=self._delimiter)
        if not self.rows:
            text.write(_MARK)
            writer.writerow([*_BEFORE, *map(neutralise, self._header)])
        writer.writerows(_cells(rows))
        with _writing(self.path):
            self._file.write(_bytes(text.getvalue()))
            self._file.flush()
        self.rows += len(rows)


def _cells(rows: Iterable[RejectedRow]) -> Iterator[list[str | int]]:
    for number, code, reason, cells in rows:
        yield [number, code.value, reason, *map(neutralise, cells)]


def _bytes(text: str) -> bytes:
    """Give back the very bytes that could not be decoded, where they were kept."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a surrogate that some encodings can write and UTF-8 cannot
        return text.encode("utf-8", "replace")


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError as error:
        raise Conflict(
            f"{path} is there already.",
            code="rejects_exist",
            remedy="Move it away, or name another file with --rejects.",
        ) from error
    except OSError as error:
        raise Unavailable(
            f"The rejects cannot be written to {path}: {error.strerror}.",
            code="rejects_unwritable",
            remedy="Name a file that can be written with --rejects; then import again.",
        ) from error


def rejects_csv(rejected: Rejected) -> Iterator[bytes]:
    """Yield the rejects file of an import, part by part; its header stands alone without rows.

    It is what ``RejectsFile`` writes, with each row's token behind the reason.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=rejected.delimiter)
    text.write(_MARK)
    writer.writerow([*REJECT_COLUMNS, *map(neutralise, rejected.header)])
    yield _bytes(text.getvalue())
    for rows in rejected.pages:
        text.seek(0)
        text.truncate()
        for number, code, reason, token, cells in rows:
            writer.writerow([number, code, reason, token, *map(neutralise, cells)])
        yield _bytes(text.getvalue())


class NoRejects:
    """Keeps nothing, for a dry run that only counts."""

    def add(self, rows: Sequence[RejectedRow]) -> None:
        """Let them go."""
