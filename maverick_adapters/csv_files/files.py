"""Where the bytes of a CSV file are: on a disk here, or in the record for any worker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from io import SEEK_SET, BufferedReader, RawIOBase
from pathlib import Path
from typing import BinaryIO, Final, Protocol, cast

from maverick_core.kernel.errors import MaverickError, Missing, Rejected, Unavailable
from maverick_core.pipeline.raw_import.ports import ImportFiles

_BUFFER: Final = 1 << 17  # bytes


class CsvFile(Protocol):
    """Bytes that can be read more than once."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    def size(self) -> int:
        """Return how many bytes it has."""
        ...

    def opened(self) -> AbstractContextManager[BinaryIO]:
        """Open it for the length of the block; it can be read from the start again.

        Raises:
            MaverickError: it is not there, or cannot be read.

        """
        ...


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file on a disk of this machine."""

    path: Path

    @property
    def name(self) -> str:
        """The file's name without its directories."""
        return self.path.name

    def size(self) -> int:
        """Return how many bytes it has now."""
        return self.path.stat().st_size

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Open it, if it is a file: a pipe cannot be read twice."""
        if self.path.exists() and not self.path.is_file():
            raise _not_a_file(self.path)
        try:
            with self.path.open("rb") as file:
                yield file
        except OSError as error:
            raise _translated(self.path, error) from error


@dataclass(frozen=True, slots=True)
class StoredFile:
    """The file of an import, part by part out of the record."""

    files: ImportFiles
    import_id: int
    name: str
    bytes: int

    def size(self) -> int:
        """Return how many bytes it has."""
        return self.bytes

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Open it; one part at a time is in memory."""
        with BufferedReader(_Parts(self), _BUFFER) as file:
            yield cast("BinaryIO", file)


class _Parts(RawIOBase):
    """Reads on from part to part."""

    def __init__(self, file: StoredFile) -> None:
        super().__init__()
        self._file = file
        self._at = 0
        self._part = memoryview(b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if not self._part and self._at < self._file.bytes:
            self._part = memoryview(self._file.files.part(self._file.import_id, self._at))
        some = self._part[: len(buffer)]
        buffer[: len(some)] = some
        self._part = self._part[len(some) :]
        self._at += len(some)
        return len(some)

    def seek(self, offset: int, whence: int = SEEK_SET, /) -> int:
        if whence != SEEK_SET:
            return self._at
        self._at, self._part = offset, memoryview(b"")
        return offset

    def tell(self) -> int:
        return self._at


def _translated(path: Path, error: OSError) -> MaverickError:
    match error:
        case FileNotFoundError() | NotADirectoryError():
            return Missing(
                f"There is no file {path}.",
                code="file_missing",
                remedy="Check its name and the directory that you are in.",
            )
        case IsADirectoryError():
            return _not_a_file(path)
        case PermissionError():
            return Rejected(
                f"You may not read {path}.",
                code="file_unreadable",
                remedy="Ask its owner for the right to read it, or copy it.",
            )
        case _:
            return Unavailable(
                f"{path} cannot be read: {error.strerror}.",
                code="file_unreadable",
                remedy="Copy it to a local disk and import that.",
            )


def _not_a_file(path: Path) -> Rejected:
    return Rejected(
        f"{path} is not a file.", code="not_a_file", remedy="Name one CSV file; save a pipe first."
    )
