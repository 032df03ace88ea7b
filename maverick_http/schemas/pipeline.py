"""Stages on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from maverick_core.pipeline.onward.rules import Asked
from maverick_core.pipeline.stages import Stage
from maverick_http.schemas.base import Answer, Body

_STAGES = Field(max_length=len(Stage), description="Which stages; all, where none is named.")


class PipelineBody(Body):
    """Which stages are asked for, and whether also what would better be left for later."""

    stages: Annotated[list[Stage] | None, _STAGES] = None
    at_once: bool = False


class AskedAnswer(Answer):
    """What came of asking for a stage. `operation` does it, or is the one that got nowhere.

    `about` is the source, the import or the batch, where it is one; `why` says what is in the way.
    """

    stage: Stage
    asked: Asked
    about: str
    operation: str | None
    by: str | None
    since: datetime | None
    why: str


class PipelineAnswer(Answer):
    """A workspace's stages, in their order; of scraping one for each source that waits."""

    workspace: str
    stages: list[AskedAnswer]
