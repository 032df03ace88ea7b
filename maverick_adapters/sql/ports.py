"""The ports that the store serves, as whatever wires use cases asks for them."""

from __future__ import annotations

from typing import Any, Final

from maverick_core.access.ports import AuditLog, Keys, Replays
from maverick_core.notifications.ports import (
    NotificationDesk,
    NotificationRecord,
    WaitingNotifications,
)
from maverick_core.operations.ports import OperationRecord, Operations
from maverick_core.pipeline.audit.ports import PipelineBooks
from maverick_core.pipeline.batching.ports import BatchPlans
from maverick_core.pipeline.csv_import.ports import NewContacts
from maverick_core.pipeline.filtering.ports import (
    DisposableJournal,
    DisposableRecord,
    FilterHistory,
    RawPages,
    RuleSets,
)
from maverick_core.pipeline.master_fill.ports import MasterList, Overlaps, Refills
from maverick_core.pipeline.onward.ports import StageTables
from maverick_core.pipeline.pages import BatchPages
from maverick_core.pipeline.raw import RawContacts
from maverick_core.pipeline.raw_import.ports import ImportRejects, Imports
from maverick_core.pipeline.scraping.ports import ScrapeRuns, Sources, Turns
from maverick_core.pipeline.upload.desk import BatchDesk
from maverick_core.pipeline.upload.ports import LeadsToSend, UploadRecord
from maverick_core.pipeline.verification.ports import Candidates, Questions, VerificationViews
from maverick_core.pipeline.views import BatchViews, RawTraces
from maverick_core.suppression.ports import SuppressionList
from maverick_core.targets.ports import Targets
from maverick_core.workspaces.ports import TokenKeys, Tokens, Workspaces

STORE_PORTS: Final[tuple[Any, ...]] = (
    AuditLog,
    BatchDesk,
    BatchPages,
    BatchPlans,
    BatchViews,
    Candidates,
    DisposableJournal,
    DisposableRecord,
    FilterHistory,
    ImportRejects,
    Imports,
    Keys,
    LeadsToSend,
    MasterList,
    NewContacts,
    NotificationDesk,
    NotificationRecord,
    OperationRecord,
    Operations,
    Overlaps,
    PipelineBooks,
    Questions,
    RawContacts,
    RawPages,
    RawTraces,
    Refills,
    Replays,
    RuleSets,
    ScrapeRuns,
    Sources,
    StageTables,
    SuppressionList,
    Targets,
    TokenKeys,
    Tokens,
    Turns,
    UploadRecord,
    VerificationViews,
    WaitingNotifications,
    Workspaces,
)
