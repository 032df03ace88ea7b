"""Maverick's pure core: no clock, no network, no database, no settings, no third-party package.

A map of the packages:

- ``kernel``: errors by remedy, e-mail normalisation, months and zones, names of batches
- ``access``: keys and their scopes, the audit log, requests that may come twice
- ``retry``: when to try again, when to give up
- ``pipeline.contact``, ``pipeline.batch``: the states and what moves them
- ``pipeline.csv_import``, ``pipeline.batching``, ``pipeline.upload``: the stages
- ``pipeline.invariants``: the laws that hold whatever fails
- ``targets``: the account of a month, and its forecast
- ``workspaces``: clients and their tokens

What stands below is the library's public surface.
"""

from maverick_core.kernel.email import BadEmail, normalise_email
from maverick_core.kernel.errors import (
    Conflict,
    MaverickError,
    Missing,
    Rejected,
    Unauthorised,
    Unavailable,
)
from maverick_core.kernel.time import Clock, Month
from maverick_core.pipeline.batch import BATCH_TRANSITIONS, BatchEvent, BatchState
from maverick_core.pipeline.batching.rules import plan_batches
from maverick_core.pipeline.contact import CONTACT_TRANSITIONS, ContactEvent, ContactState
from maverick_core.pipeline.upload import actions, answers
from maverick_core.pipeline.upload.actions import ChunkLeft
from maverick_core.pipeline.upload.machine import UploadMachine
from maverick_core.retry import Backoff, GiveUp, Retry, RetryPolicy, Trouble
from maverick_core.targets.forecast import Forecast, Outlook, forecast
from maverick_core.targets.rules import TargetAccount

__all__ = [
    "BATCH_TRANSITIONS",
    "CONTACT_TRANSITIONS",
    "Backoff",
    "BadEmail",
    "BatchEvent",
    "BatchState",
    "ChunkLeft",
    "Clock",
    "Conflict",
    "ContactEvent",
    "ContactState",
    "Forecast",
    "GiveUp",
    "MaverickError",
    "Missing",
    "Month",
    "Outlook",
    "Rejected",
    "Retry",
    "RetryPolicy",
    "TargetAccount",
    "Trouble",
    "Unauthorised",
    "Unavailable",
    "UploadMachine",
    "actions",
    "answers",
    "forecast",
    "normalise_email",
    "plan_batches",
]
