"""Read by mypy only: every adapter satisfies every port that it is meant for.

Nothing imports this module. A method that is missing or has another shape fails the type check
here, with the names of both.
"""

from __future__ import annotations

from maverick_adapters.bison import HttpBison
from maverick_adapters.bison.bison import BisonSink
from maverick_adapters.cleaning import DomainsInForce, PackagedDomains
from maverick_adapters.console import ConsoleSink
from maverick_adapters.memory import (
    InstantAirfield,
    InstantFlights,
    ManualClock,
    MemoryBison,
    MemoryRandomness,
    MemoryStore,
)
from maverick_adapters.memory.bison import MemorySink
from maverick_adapters.memory.filtering import MemoryRawPage
from maverick_adapters.memory.import_page import MemoryImportPage
from maverick_adapters.memory.refills import MemoryRefillPage, MemoryTrialPage
from maverick_adapters.memory.site import MemorySite
from maverick_adapters.memory.slack import MemorySlack
from maverick_adapters.memory.targets import MemoryReservation
from maverick_adapters.memory.verification import MemoryCandidatePage
from maverick_adapters.slack import SlackSink
from maverick_adapters.sources import FetchedLists, SourceReader, WebPages
from maverick_adapters.sql import SqlStore
from maverick_adapters.sql.store.filtering import SqlRawPage
from maverick_adapters.sql.store.import_page import SqlImportPage
from maverick_adapters.sql.store.plans import SqlReservation
from maverick_adapters.sql.store.refills import SqlRefillPage, SqlTrialPage
from maverick_adapters.sql.store.verification import SqlCandidatePage
from maverick_adapters.system import (
    SystemClock,
    SystemRandomness,
    ThreadAirfield,
    ThreadFlights,
)
from maverick_core.access.ports import AuditLog, Keys, Randomness, Replays
from maverick_core.jobs.ports import JobLog, Outbox
from maverick_core.kernel.time import Clock
from maverick_core.kernel.waiting import Breath, Breaths
from maverick_core.notifications.ports import (
    MessageSink,
    NotificationDesk,
    NotificationRecord,
    WaitingNotifications,
)
from maverick_core.operations.ports import OperationRecord, Operations, WaitingOperations
from maverick_core.pipeline.audit.ports import PipelineBooks
from maverick_core.pipeline.backlog import Backlogs
from maverick_core.pipeline.batching.ports import BatchPlans, Reservation
from maverick_core.pipeline.csv_import.ports import NewContacts
from maverick_core.pipeline.filtering.ports import (
    DisposableDomains,
    DisposableJournal,
    DisposableRecord,
    DomainLists,
    FilterCounts,
    FilterHistory,
    RawPage,
    RawPages,
    RuleSets,
)
from maverick_core.pipeline.invariants import Books, RawBooks
from maverick_core.pipeline.master_fill.ports import (
    MasterList,
    MasterViews,
    Overlaps,
    RefillPage,
    Refills,
    TrialPage,
)
from maverick_core.pipeline.onward.ports import StageTables
from maverick_core.pipeline.pages import BatchPages
from maverick_core.pipeline.raw import RawContacts
from maverick_core.pipeline.raw_import.ports import (
    ImportFiles,
    ImportPage,
    ImportRecord,
    ImportRejects,
    Imports,
    WaitingImports,
)
from maverick_core.pipeline.scraping.ports import (
    PageReader,
    Pages,
    ScrapeRuns,
    Sources,
    Turns,
)
from maverick_core.pipeline.upload.desk import BatchDesk
from maverick_core.pipeline.upload.ports import (
    Airfield,
    Flights,
    LeadSink,
    LeadSinks,
    LeadsToSend,
    UploadRecord,
)
from maverick_core.pipeline.upload.sweep import Announcements
from maverick_core.pipeline.verification.ports import (
    CandidatePage,
    Candidates,
    Questions,
    VerificationViews,
)
from maverick_core.pipeline.views import BatchViews, ContactPages, RawTraces
from maverick_core.suppression.ports import SuppressionList
from maverick_core.targets.ports import TargetMonths, Targets
from maverick_core.workspaces.ports import TokenKeys, TokenProbe, Tokens, Workspaces


def stores(memory: MemoryStore, sql: SqlStore) -> None:
    """Either store is the whole record."""
    _workspaces: list[Workspaces] = [memory, sql]
    _tokens: list[Tokens] = [memory, sql]
    _token_keys: list[TokenKeys] = [memory, sql]
    _new_contacts: list[NewContacts] = [memory, sql]
    _leads: list[LeadsToSend] = [memory, sql]
    _targets: list[Targets] = [memory, sql]
    _months: list[TargetMonths] = [memory, sql]
    _plans: list[BatchPlans] = [memory, sql]
    _uploads: list[UploadRecord] = [memory, sql]
    _desk: list[BatchDesk] = [memory, sql]
    _views: list[BatchViews] = [memory, sql]
    _operations: list[Operations] = [memory, sql]
    _operation_records: list[OperationRecord] = [memory, sql]
    _waiting_operations: list[WaitingOperations] = [memory, sql]
    _batch_pages: list[BatchPages] = [memory, sql]
    _contact_pages: list[ContactPages] = [memory, sql]
    _outboxes: list[Outbox] = [memory, sql]
    _announcements: list[Announcements] = [memory, sql]
    _job_logs: list[JobLog] = [memory, sql]
    _sending: list[NotificationRecord] = [memory, sql]
    _told: list[NotificationDesk] = [memory, sql]
    _untold: list[WaitingNotifications] = [memory, sql]
    _keys: list[Keys] = [memory, sql]
    _audit_logs: list[AuditLog] = [memory, sql]
    _replays: list[Replays] = [memory, sql]
    _backlogs: list[Backlogs] = [memory, sql]
    _books: list[Books] = [memory, sql]
    _sources: list[Sources] = [memory, sql]
    _scrape_runs: list[ScrapeRuns] = [memory, sql]
    _turns: list[Turns] = [memory, sql]
    _imports: list[Imports] = [memory, sql]
    _import_files: list[ImportFiles] = [memory, sql]
    _import_records: list[ImportRecord] = [memory, sql]
    _import_rejects: list[ImportRejects] = [memory, sql]
    _waiting_imports: list[WaitingImports] = [memory, sql]
    _raw_contacts: list[RawContacts] = [memory, sql]
    _raw_pages: list[RawPages] = [memory, sql]
    _filter_histories: list[FilterHistory] = [memory, sql]
    _filter_counts: list[FilterCounts] = [memory, sql]
    _rule_sets: list[RuleSets] = [memory, sql]
    _raw_books: list[RawBooks] = [memory, sql]
    _candidates: list[Candidates] = [memory, sql]
    _questions: list[Questions] = [memory, sql]
    _verification_views: list[VerificationViews] = [memory, sql]
    _suppressions: list[SuppressionList] = [memory, sql]
    _master_lists: list[MasterList] = [memory, sql]
    _master_views: list[MasterViews] = [memory, sql]
    _refills: list[Refills] = [memory, sql]
    _overlaps: list[Overlaps] = [memory, sql]


def accounts(memory: MemoryStore, sql: SqlStore) -> None:
    """Either store tells where everybody is, and how they came there."""
    _pipeline_books: list[PipelineBooks] = [memory, sql]
    _stages: list[StageTables] = [memory, sql]
    _raw_traces: list[RawTraces] = [memory, sql]


def disposable_lists(memory: MemoryStore, sql: SqlStore) -> None:
    """Either store keeps the fetched list, and how it came to be."""
    _records: list[DisposableRecord] = [memory, sql]
    _journals: list[DisposableJournal] = [memory, sql]


def raw_pages(memory: MemoryRawPage, sql: SqlRawPage) -> None:
    """Either page is held while it is judged."""
    _pages: list[RawPage] = [memory, sql]


def import_pages(memory: MemoryImportPage, sql: SqlImportPage) -> None:
    """Either page of an import is held until it is on record."""
    _pages: list[ImportPage] = [memory, sql]


def candidate_pages(memory: MemoryCandidatePage, sql: SqlCandidatePage) -> None:
    """Either page is held while it is settled."""
    _pages: list[CandidatePage] = [memory, sql]


def refill_pages(
    trials: tuple[MemoryTrialPage, SqlTrialPage], memory: MemoryRefillPage, sql: SqlRefillPage
) -> None:
    """Either page shows the list, and a run's page takes from it."""
    _trials: list[TrialPage] = [*trials]
    _pages: list[RefillPage] = [memory, sql]


def reservations(memory: MemoryReservation, sql: SqlReservation) -> None:
    """Either reservation is a month, locked."""
    _reservations: list[Reservation] = [memory, sql]


def destinations(memory: MemoryBison, http: HttpBison) -> None:
    """Either Bison hands out sinks and knows tokens."""
    _sinks: list[LeadSinks] = [memory, http]
    _probes: list[TokenProbe] = [memory, http]


def sinks(memory: MemorySink, http: BisonSink) -> None:
    """Either sink is the destination as one workspace sees it."""
    _sinks: list[LeadSink] = [memory, http]


def messengers(memory: MemorySlack, slack: SlackSink, console: ConsoleSink) -> None:
    """Either sink takes messages."""
    _sinks: list[MessageSink] = [memory, slack, console]


def sites(pages: WebPages, site: MemorySite, reader: SourceReader) -> None:
    """Fetch pages and take them apart for a run."""
    _pages: list[Pages] = [pages, site]
    _readers: list[PageReader] = [reader]


def domain_lists(
    packaged: PackagedDomains, in_force: DomainsInForce, fetched: FetchedLists
) -> None:
    """Either knows disposable domains; lists of them are fetched."""
    _known: list[DisposableDomains] = [packaged, in_force]
    _fetched: list[DomainLists] = [fetched]


def clocks(manual: ManualClock, system: SystemClock) -> None:
    """Either clock tells the time."""
    _clocks: list[Clock] = [manual, system]


def dice(memory: MemoryRandomness, system: SystemRandomness) -> None:
    """Either makes the secrets of keys."""
    _randomness: list[Randomness] = [memory, system]


def air(
    field: InstantAirfield,
    threads: ThreadAirfield,
    flights: InstantFlights,
    thread_flights: ThreadFlights,
) -> None:
    """Either airfield gives flights."""
    _fields: list[Airfield] = [field, threads]
    _flights: list[Flights] = [flights, thread_flights]
    _breaths: list[Breath] = [flights, thread_flights]
    _breathing: list[Breaths] = [field, threads]
