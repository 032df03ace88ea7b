"""The codes that a batch fails with when the machine gives it up, and the words to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from maverick_core.pipeline.upload.pieces import Errand
from maverick_core.retry import Trouble

GAVE_UP: Final[Mapping[Trouble, tuple[str, str]]] = {
    Trouble.LIMITED: ("rate_limited", "The destination kept asking to slow down."),
    Trouble.UNAVAILABLE: ("unavailable", "The destination did not work"),
    Trouble.LOST: ("no_answer", "No answer that makes sense came back"),
}
"""Trouble went on for longer than the retry policy bears: code and sentence."""

AT_FAULT: Final[Mapping[Errand, str]] = {Errand.PUSH: "refused", Errand.ATTACH: "attach_refused"}
"""Everybody was refused for one reason, so the batch is set up wrongly: code."""
