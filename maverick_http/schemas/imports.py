"""Imports on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import Field

from maverick_core.pipeline.raw_import.rules import LONGEST_NAME, ImportKind, ImportState
from maverick_http.schemas.base import Answer, Body, Query

_Name = Annotated[str, Field(min_length=1, max_length=200)]
_Encoding = Annotated[str, Field(max_length=40, description="Empty to have it detected.")]
_Delimiter = Annotated[str, Field(max_length=10, description="Empty to have it detected.")]


class NewImportBody(Body):
    """A file that is to come."""

    file_name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    bytes: Annotated[int, Field(ge=1, le=1 << 50, description="How many the file has.")]
    sha256: Annotated[
        str, Field(pattern="^([0-9a-f]{64})?$", description="Of the file; checked if given.")
    ] = ""


class PartQuery(Query):
    """Where a part begins."""

    start: Annotated[
        int, Field(ge=0, le=999_999_999_999, description="The part's first byte in the file.")
    ] = 0


class PreviewQuery(Query):
    """How to read the file."""

    encoding: _Encoding = ""
    delimiter: _Delimiter = ""


class ReadingBody(Body):
    """How the file is to be read. Columns whose names are known need not be mapped."""

    encoding: _Encoding = ""
    delimiter: _Delimiter = ""
    fields: Annotated[
        dict[_Name, _Name],
        Field(max_length=100, description="Columns to fields, or to `ignore`."),
    ] = Field(default_factory=dict)
    variables: Annotated[
        list[_Name], Field(max_length=100, description="Columns to keep as custom variables.")
    ] = Field(default_factory=list)


class ImportProgressAnswer(Answer):
    """How far an import is; ``total`` is estimated by the part that was read."""

    done: int
    total: int | None
    rate: float | None
    eta_seconds: float | None


class ImportAnswer(Answer):
    """An import. ``received`` of ``bytes`` are there: the next part begins at that byte."""

    id: int
    workspace: str
    kind: ImportKind
    file_name: str
    status: ImportState
    why: str
    by: str
    bytes: int
    received: int
    sha256: str
    encoding: str
    delimiter: str
    rows: int
    added: int
    rejected: int
    repeated: int
    corrected: int
    progress: ImportProgressAnswer
    started_at: datetime
    finished_at: datetime | None


class ImportDetailAnswer(ImportAnswer):
    """An import with what became of its rows: ``fates`` add up to them."""

    fates: Mapping[str, int]
    open: Mapping[str, int]


class GuessAnswer(Answer):
    """What a column seems to be, how surely in per cent, and why."""

    column: str
    field: str | None
    confidence: int
    samples: tuple[str, ...]


class PreviewAnswer(Answer):
    """A file as it would be read, with its first rows."""

    encoding: str
    delimiter: str
    columns: list[GuessAnswer]
    rows: list[tuple[str, ...]]
