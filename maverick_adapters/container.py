"""Which adapter serves which port. Everything is built once, here, at boot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, get_type_hints

import punq
from sqlalchemy import Engine

from maverick_adapters.bison import HttpBison
from maverick_adapters.cleaning import DomainsInForce, LibraryCleaner
from maverick_adapters.console import ConsoleSink
from maverick_adapters.csv_files import StoredSheets
from maverick_adapters.settings import Settings
from maverick_adapters.slack import SlackSink
from maverick_adapters.sources import FetchedLists, Guard, SourceReader, WebPages
from maverick_adapters.sql import SqlStore, open_engine
from maverick_adapters.sql.ports import STORE_PORTS
from maverick_adapters.system import SystemClock, SystemRandomness, ThreadAirfield
from maverick_adapters.vault import Vault
from maverick_adapters.verifiers import chosen_terms, chosen_verifier
from maverick_core.access.ports import Randomness
from maverick_core.access.service import AuditChange, Authenticate, CreateKey, RevokeKey
from maverick_core.kernel.errors import Rejected
from maverick_core.kernel.time import Clock
from maverick_core.kernel.waiting import Breaths
from maverick_core.notifications.ports import MessageSink
from maverick_core.notifications.service import ResendNotification, SendNotification, SendWaiting
from maverick_core.operations.rules import OperationKind
from maverick_core.operations.service import RunOperation
from maverick_core.pipeline.audit.service import AuditPipeline
from maverick_core.pipeline.batching.request import PlanAsRequested, RequestPlan
from maverick_core.pipeline.batching.service import PlanBatches
from maverick_core.pipeline.csv_import.service import ImportContacts
from maverick_core.pipeline.filtering.ports import Cleaner, DisposableDomains, DomainLists
from maverick_core.pipeline.filtering.refreshing import (
    AllowDomain,
    AskForFreshList,
    ListTerms,
    RefreshDisposable,
    RefreshDisposableAsRequested,
)
from maverick_core.pipeline.filtering.request import FilterAsRequested, RequestFilter
from maverick_core.pipeline.filtering.service import (
    FilterContacts,
    Judges,
    RehearseFilter,
    SetRules,
    WhatIf,
)
from maverick_core.pipeline.master_fill.filling import FillMaster
from maverick_core.pipeline.master_fill.request import (
    FillAsRequested,
    RefillAsRequested,
    RequestFill,
    RequestRefill,
)
from maverick_core.pipeline.master_fill.service import (
    Choosers,
    RefillWorkspace,
    RehearseRefill,
    SetOverlap,
    Shortage,
)
from maverick_core.pipeline.onward.service import AskStages, GoOn
from maverick_core.pipeline.raw_import.ports import Sheets
from maverick_core.pipeline.raw_import.rehearsal import RehearseImport
from maverick_core.pipeline.raw_import.rejects import ReadRejects
from maverick_core.pipeline.raw_import.service import RunImport, StartImport, TakeFile
from maverick_core.pipeline.scraping.ports import PageReader, Pages
from maverick_core.pipeline.scraping.request import RequestRun, RunAsRequested
from maverick_core.pipeline.scraping.service import RunSource, TrySource
from maverick_core.pipeline.tracing import TraceMailbox
from maverick_core.pipeline.upload.desk import CancelBatch, RequeueBatch
from maverick_core.pipeline.upload.ports import Airfield, LeadSinks
from maverick_core.pipeline.upload.requeueing import (
    RequestRequeue,
    RequeueAsRequested,
    RequeueBatches,
)
from maverick_core.pipeline.upload.service import UploadBatch, UploadTerms
from maverick_core.pipeline.verification.asking import AskVerifier, VerificationTerms
from maverick_core.pipeline.verification.ports import Verifier
from maverick_core.pipeline.verification.request import RequestVerification, VerifyAsRequested
from maverick_core.pipeline.verification.service import (
    RehearseVerification,
    SetPolicy,
    VerifyAgain,
    VerifyCandidates,
)
from maverick_core.suppression.service import Suppress, Unsuppress
from maverick_core.targets.service import SetTarget, ShowTarget
from maverick_core.workspaces.ports import TokenProbe
from maverick_core.workspaces.service import CheckToken, RotateKey, SetToken

_DEEDS: Final[Mapping[OperationKind, Any]] = {
    OperationKind.PLAN_BATCHES: PlanAsRequested,
    OperationKind.REQUEUE_BATCHES: RequeueAsRequested,
    OperationKind.RUN_SOURCE: RunAsRequested,
    OperationKind.FILTER: FilterAsRequested,
    OperationKind.REFRESH_DISPOSABLE: RefreshDisposableAsRequested,
    OperationKind.VERIFY: VerifyAsRequested,
    OperationKind.VERIFY_AGAIN: VerifyAsRequested,
    OperationKind.FILL_MASTER: FillAsRequested,
    OperationKind.REFILL_WORKSPACE: RefillAsRequested,
}
"""Who does each kind of operation."""

_GIVEN: Final = (
    Settings,
    Clock,
    Engine,
    SqlStore,
    ThreadAirfield,
    MessageSink,
    Verifier,
    DisposableDomains,
    Sheets,
    RunOperation,
    RunImport,
    TakeFile,
)
"""What is asked for in ``Wired`` and is no use case to be built from its ports."""


@dataclass(frozen=True, slots=True)
class Wired:
    """The use cases, ready to be called, and what they share."""

    settings: Settings
    clock: Clock
    engine: Engine
    store: SqlStore
    airfield: ThreadAirfield
    import_contacts: ImportContacts
    take_file: TakeFile
    start_import: StartImport
    run_import: RunImport
    rehearse_import: RehearseImport
    read_rejects: ReadRejects
    sheets: Sheets
    judges: Judges
    filter_contacts: FilterContacts
    rehearse_filter: RehearseFilter
    what_if: WhatIf
    set_rules: SetRules
    disposable: DisposableDomains
    refresh_disposable: RefreshDisposable
    allow_domain: AllowDomain
    ask_for_fresh_list: AskForFreshList
    verifier: Verifier
    ask_verifier: AskVerifier
    verify_candidates: VerifyCandidates
    verify_again: VerifyAgain
    rehearse_verification: RehearseVerification
    request_verification: RequestVerification
    fill_master: FillMaster
    request_fill: RequestFill
    shortage: Shortage
    choosers: Choosers
    refill_workspace: RefillWorkspace
    rehearse_refill: RehearseRefill
    request_refill: RequestRefill
    set_overlap: SetOverlap
    set_policy: SetPolicy
    suppress: Suppress
    unsuppress: Unsuppress
    plan_batches: PlanBatches
    upload_batch: UploadBatch
    requeue_batch: RequeueBatch
    requeue_batches: RequeueBatches
    request_plan: RequestPlan
    request_requeue: RequestRequeue
    run_operation: RunOperation
    cancel_batch: CancelBatch
    set_target: SetTarget
    show_target: ShowTarget
    set_token: SetToken
    check_token: CheckToken
    messages: MessageSink
    send_notification: SendNotification
    send_waiting: SendWaiting
    resend_notification: ResendNotification
    create_key: CreateKey
    revoke_key: RevokeKey
    authenticate: Authenticate
    audit_change: AuditChange
    rotate_key: RotateKey
    try_source: TrySource
    run_source: RunSource
    request_run: RequestRun
    request_filter: RequestFilter
    trace_mailbox: TraceMailbox
    audit_pipeline: AuditPipeline
    ask_stages: AskStages
    go_on: GoOn


@contextmanager
def wire(settings: Settings) -> Iterator[Wired]:
    """Build everything for ``settings`` and give it back when the block ends.

    Raises:
        Rejected: a setting cannot be what it is.
        Unavailable: the database cannot be reached.

    """
    clock = SystemClock()
    threads = settings.upload_threads + settings.request_threads
    engine = open_engine(settings.database_url, pool_size=threads)
    secret = settings.secret_key.get_secret_value() if settings.secret_key else ""
    store = SqlStore(engine, clock, Vault.from_secret(secret))
    bison = HttpBison(
        settings.bison_url,
        store,
        timeout_seconds=settings.bison_timeout_seconds,
        requests_per_minute=settings.bison_requests_per_minute,
        confirm_attach=settings.bison_confirm_attach,
        create_only=settings.bison_create_only,
    )
    pages = WebPages(
        Guard(loopback_allowed=settings.scrape_loopback), contact=settings.scrape_contact
    )
    domains = DomainsInForce(store)
    verifier = chosen_verifier(settings, domains)
    airfield = ThreadAirfield(settings.request_threads)
    try:
        yield _wired(settings, clock, engine, store, bison, pages, domains, verifier, airfield)
    finally:
        airfield.close()
        verifier.close()
        pages.close()
        bison.close()
        engine.dispose()


def _wired(
    settings: Settings,
    clock: Clock,
    engine: Engine,
    store: SqlStore,
    bison: HttpBison,
    pages: WebPages,
    domains: DisposableDomains,
    verifier: Verifier,
    airfield: ThreadAirfield,
) -> Wired:
    """Build whatever ``Wired`` asks for: what is not given here is a use case."""
    container = _ports(settings, clock, store, bison, pages, domains, verifier, airfield)
    asked_for = get_type_hints(Wired)
    for use_case in (*asked_for.values(), *_DEEDS.values()):
        if use_case not in _GIVEN:
            container.register(use_case)
    deeds = {kind: container.resolve(deed) for kind, deed in _DEEDS.items()}
    given: dict[str, Any] = {
        "settings": settings,
        "clock": clock,
        "engine": engine,
        "store": store,
        "airfield": airfield,
        "run_operation": RunOperation(store, deeds),
        "take_file": TakeFile(store, store, store, clock, settings.import_bytes),
        "run_import": RunImport(store, StoredSheets(store), clock),
    }
    built = {
        name: container.resolve(use_case)
        for name, use_case in asked_for.items()
        if name not in given
    }
    return Wired(**given, **built)


def _ports(
    settings: Settings,
    clock: Clock,
    store: SqlStore,
    bison: HttpBison,
    pages: WebPages,
    domains: DisposableDomains,
    verifier: Verifier,
    airfield: ThreadAirfield,
) -> punq.Container:
    """Say who serves each port that use cases ask for."""
    container = punq.Container()
    for port in STORE_PORTS:
        container.register(port, instance=store)
    container.register(Clock, instance=clock)
    container.register(Sheets, instance=StoredSheets(store))
    container.register(Randomness, instance=SystemRandomness())
    container.register(LeadSinks, instance=bison)
    container.register(Cleaner, instance=LibraryCleaner())
    container.register(DisposableDomains, instance=domains)
    container.register(
        DomainLists, instance=FetchedLists(Guard(loopback_allowed=settings.scrape_loopback))
    )
    container.register(ListTerms, instance=ListTerms(settings.disposable_domains_url))
    container.register(Verifier, instance=verifier)
    container.register(VerificationTerms, instance=chosen_terms(settings))
    container.register(TokenProbe, instance=bison)
    container.register(MessageSink, instance=_message_sink(settings))
    container.register(Airfield, instance=airfield)
    container.register(Breaths, instance=airfield)
    container.register(Pages, instance=pages)
    container.register(PageReader, instance=SourceReader())
    container.register(
        UploadTerms,
        instance=UploadTerms(
            lease_seconds=settings.lease_seconds, in_flight=settings.batch_in_flight
        ),
    )
    return container


def _message_sink(settings: Settings) -> MessageSink:
    token = settings.slack_token.get_secret_value() if settings.slack_token else ""
    if not token:
        return ConsoleSink()
    if not settings.slack_channel:
        raise Rejected(
            "MAVERICK_SLACK_TOKEN is set, and MAVERICK_SLACK_CHANNEL is not.",
            code="slack_channel_unset",
            remedy="Set it to the channel's id, or leave both out to have incidents in the log.",
        )
    return SlackSink(token, settings.slack_channel, settings.slack_url)
