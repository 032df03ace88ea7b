"""What the facade stands on: the ports and the use cases that its routes call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from maverick_adapters.settings import Settings
from maverick_core.access.ports import AuditLog, Keys, Randomness, Replays
from maverick_core.jobs.ports import JobLog
from maverick_core.kernel.time import Clock
from maverick_core.operations.ports import Operations
from maverick_core.pipeline.backlog import Backlogs
from maverick_core.pipeline.batching.request import RequestPlan
from maverick_core.pipeline.batching.service import PlanBatches
from maverick_core.pipeline.filtering.ports import FilterCounts, RuleSets
from maverick_core.pipeline.filtering.request import RequestFilter
from maverick_core.pipeline.filtering.service import SetRules, WhatIf
from maverick_core.pipeline.master_fill.ports import MasterViews, Overlaps, Refills
from maverick_core.pipeline.master_fill.request import RequestFill, RequestRefill
from maverick_core.pipeline.master_fill.service import RehearseRefill, SetOverlap
from maverick_core.pipeline.onward.service import AskStages
from maverick_core.pipeline.pages import BatchPages
from maverick_core.pipeline.raw_import.ports import ImportRejects, Imports, Sheets
from maverick_core.pipeline.raw_import.rejects import ReadRejects
from maverick_core.pipeline.raw_import.service import StartImport, TakeFile
from maverick_core.pipeline.scraping.ports import Sources
from maverick_core.pipeline.scraping.request import RequestRun
from maverick_core.pipeline.scraping.service import TrySource
from maverick_core.pipeline.tracing import TraceMailbox
from maverick_core.pipeline.upload.desk import CancelBatch, RequeueBatch
from maverick_core.pipeline.upload.ports import LeadsToSend
from maverick_core.pipeline.upload.requeueing import RequestRequeue, RequeueBatches
from maverick_core.pipeline.verification.asking import AskVerifier
from maverick_core.pipeline.verification.ports import Candidates, VerificationViews
from maverick_core.pipeline.verification.request import RequestVerification
from maverick_core.pipeline.verification.service import RehearseVerification, SetPolicy
from maverick_core.pipeline.views import BatchViews, ContactPages
from maverick_core.suppression.ports import SuppressionList
from maverick_core.suppression.service import Suppress, Unsuppress
from maverick_core.targets.ports import TargetMonths, Targets
from maverick_core.targets.service import SetTarget, ShowTarget
from maverick_core.workspaces.ports import Tokens, Workspaces
from maverick_core.workspaces.service import CheckToken, SetToken


class Store(
    Workspaces,
    Tokens,
    Targets,
    TargetMonths,
    Imports,
    ImportRejects,
    Sources,
    RuleSets,
    FilterCounts,
    SuppressionList,
    Candidates,
    VerificationViews,
    MasterViews,
    Refills,
    Overlaps,
    BatchPages,
    BatchViews,
    ContactPages,
    LeadsToSend,
    Operations,
    JobLog,
    Keys,
    AuditLog,
    Replays,
    Backlogs,
    Protocol,
):
    """Every port of the record that a route reads or writes."""


@dataclass(frozen=True, slots=True)
class Facade:
    """All of it. ``checks`` are what has to hold for the process to be of use, by name.

    A check raises one of the kernel's errors, which says what to do.
    """

    settings: Settings
    clock: Clock
    randomness: Randomness
    store: Store
    set_target: SetTarget
    show_target: ShowTarget
    set_token: SetToken
    check_token: CheckToken
    plan_batches: PlanBatches
    request_plan: RequestPlan
    requeue_batch: RequeueBatch
    requeue_batches: RequeueBatches
    request_requeue: RequestRequeue
    cancel_batch: CancelBatch
    ask_stages: AskStages
    take_file: TakeFile
    start_import: StartImport
    read_rejects: ReadRejects
    sheets: Sheets
    try_source: TrySource
    request_run: RequestRun
    set_rules: SetRules
    what_if: WhatIf
    request_filter: RequestFilter
    suppress: Suppress
    unsuppress: Unsuppress
    ask_verifier: AskVerifier
    rehearse_verification: RehearseVerification
    set_policy: SetPolicy
    request_verification: RequestVerification
    request_fill: RequestFill
    rehearse_refill: RehearseRefill
    request_refill: RequestRefill
    set_overlap: SetOverlap
    trace_mailbox: TraceMailbox
    checks: Mapping[str, Callable[[], None]]
