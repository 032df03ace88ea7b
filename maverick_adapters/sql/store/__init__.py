"""One store for all the ports that keep a record, made of one part a capability."""

from __future__ import annotations

from maverick_adapters.sql.store.access import AuditPart, KeysPart
from maverick_adapters.sql.store.backlog import BacklogPart
from maverick_adapters.sql.store.books import BooksPart
from maverick_adapters.sql.store.claims import ClaimsPart
from maverick_adapters.sql.store.contacts import ContactsPart
from maverick_adapters.sql.store.desk import DeskPart
from maverick_adapters.sql.store.disposable import DisposablePart
from maverick_adapters.sql.store.filtering import FilteringPart
from maverick_adapters.sql.store.import_files import ImportFilesPart
from maverick_adapters.sql.store.imports import ImportsPart
from maverick_adapters.sql.store.jobs import JobsPart
from maverick_adapters.sql.store.master import MasterPart
from maverick_adapters.sql.store.notifications import NotificationsPart
from maverick_adapters.sql.store.operations import OperationsPart
from maverick_adapters.sql.store.outbox import OutboxPart
from maverick_adapters.sql.store.pages import PagesPart
from maverick_adapters.sql.store.pipeline_books import PipelineBooksPart
from maverick_adapters.sql.store.plans import PlansPart
from maverick_adapters.sql.store.questions import QuestionsPart
from maverick_adapters.sql.store.raw import RawPart
from maverick_adapters.sql.store.raw_imports import RawImportsPart
from maverick_adapters.sql.store.raw_traces import RawTracesPart
from maverick_adapters.sql.store.refills import RefillsPart
from maverick_adapters.sql.store.replays import ReplaysPart
from maverick_adapters.sql.store.row_fates import RowFatesPart
from maverick_adapters.sql.store.scraping import ScrapingPart
from maverick_adapters.sql.store.sources import SourcesPart
from maverick_adapters.sql.store.stage_tables import StageTablesPart
from maverick_adapters.sql.store.suppressions import SuppressionsPart
from maverick_adapters.sql.store.targets import TargetsPart
from maverick_adapters.sql.store.traces import TracesPart
from maverick_adapters.sql.store.uploads import UploadsPart
from maverick_adapters.sql.store.views import ViewsPart
from maverick_adapters.sql.store.workspaces import WorkspacesPart


class SqlStore(
    KeysPart,
    AuditPart,
    ReplaysPart,
    ClaimsPart,
    UploadsPart,
    NotificationsPart,
    OperationsPart,
    RawImportsPart,
    OutboxPart,
    JobsPart,
    PagesPart,
    DeskPart,
    PlansPart,
    TargetsPart,
    WorkspacesPart,
    ImportsPart,
    ImportFilesPart,
    RowFatesPart,
    RawPart,
    SourcesPart,
    ScrapingPart,
    FilteringPart,
    DisposablePart,
    StageTablesPart,
    QuestionsPart,
    SuppressionsPart,
    MasterPart,
    RefillsPart,
    ContactsPart,
    ViewsPart,
    TracesPart,
    RawTracesPart,
    PipelineBooksPart,
    BacklogPart,
    BooksPart,
):
    """The record on PostgreSQL or SQLite. Safe to share between threads and processes."""


__all__ = ["SqlStore"]
