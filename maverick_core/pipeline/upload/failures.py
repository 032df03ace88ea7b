"""The codes that a batch fails with, the machine's words to its own, and what to do about each."""

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

REMEDIES: Final[Mapping[str, str]] = {
    "token_refused": 'Replace the token: "maverick tokens set {slug}"; then re-queue.',
    "wrong_workspace": 'Store a token of the right workspace: "maverick tokens set {slug}".',
    "token_missing": 'Store a token: "maverick tokens set {slug}"; then re-queue.',
    "rate_limited": "Lower MAVERICK_BISON_REQUESTS_PER_MINUTE, or wait; then re-queue.",
    "unavailable": "Wait until Email Bison works again; then re-queue.",
    "no_answer": "Wait until Email Bison answers again; then re-queue: doubts are settled.",
    "refused": "Correct what the reason names; then re-queue.",
    "attach_refused": "Look at the campaign in Email Bison; then re-queue.",
    "too_many_claims": "Its workers died five times: look at their logs; then re-queue.",
    "custom_variable_missing": "Create the variable in Email Bison; then re-queue.",
    "custom_variable_refused": "Create the variable in Email Bison; then re-queue.",
    "endpoint_missing": "Correct MAVERICK_BISON_URL; then re-queue.",
    "endpoint_moved": "Set MAVERICK_BISON_URL to the address you log in to; then re-queue.",
    "secret_key_wrong": "Set MAVERICK_SECRET_KEY to the key the token was stored with; re-queue.",
    "too_many_leads": "This instance takes smaller requests than Maverick sends: report it.",
    "unexpected_answer": "Look at Email Bison and at the reason; then re-queue.",
    "campaign_missing": "Restore the campaign in Email Bison, then re-queue; or cancel the batch.",
}
"""What a person does about each code; ``{slug}`` is the workspace."""


def remedy(code: str, *, slug: str) -> str:
    """Return what to do about a batch of ``slug`` that failed with ``code``."""
    return REMEDIES.get(code, "Correct the cause; then re-queue.").format(slug=slug)
