"""Which adapter serves which port. Everything is built once, here, at boot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import punq
from sqlalchemy import Engine

from maverick_adapters.bison import HttpBison
from maverick_adapters.console import ConsoleSink
from maverick_adapters.settings import Settings
from maverick_adapters.slack import SlackSink
from maverick_adapters.sources import Guard, SourceReader, WebPages
from maverick_adapters.sql import SqlStore, open_engine
from maverick_adapters.system import SystemClock, SystemRandomness, ThreadAirfield
from maverick_adapters.vault import Vault
from maverick_core.access.ports import AuditLog, Keys, Randomness, Replays
from maverick_core.access.service import AuditChange, Authenticate, CreateKey, RevokeKey
from maverick_core.kernel.errors import Rejected
from maverick_core.kernel.time import Clock
from maverick_core.notifications.ports import MessageSink
from maverick_core.notifications.service import ResendNotification, SendNotification, SendWaiting
from maverick_core.operations.ports import OperationRecord, Operations
from maverick_core.operations.rules import OperationKind
from maverick_core.operations.service import RunOperation
from maverick_core.pipeline.batching.ports import BatchPlans
from maverick_core.pipeline.batching.request import PlanAsRequested, RequestPlan
from maverick_core.pipeline.batching.service import PlanBatches
from maverick_core.pipeline.csv_import.ports import NewContacts
from maverick_core.pipeline.csv_import.service import ImportContacts
from maverick_core.pipeline.pages import BatchPages
from maverick_core.pipeline.scraping.ports import PageReader, Pages, ScrapeRuns, Turns
from maverick_core.pipeline.scraping.service import RunSource, TrySource
from maverick_core.pipeline.upload.desk import BatchDesk, CancelBatch, RequeueBatch
from maverick_core.pipeline.upload.ports import Airfield, LeadSinks, LeadsToSend, UploadRecord
from maverick_core.pipeline.upload.requeueing import (
    RequestRequeue,
    RequeueAsRequested,
    RequeueBatches,
)
from maverick_core.pipeline.upload.service import UploadBatch, UploadTerms
from maverick_core.pipeline.views import BatchViews
from maverick_core.targets.ports import Targets
from maverick_core.targets.service import SetTarget, ShowTarget
from maverick_core.workspaces.ports import TokenKeys, TokenProbe, Tokens, Workspaces
from maverick_core.workspaces.service import CheckToken, RotateKey, SetToken

_UseCase = TypeVar("_UseCase")

_STORE_PORTS: tuple[Any, ...] = (
    AuditLog,
    BatchDesk,
    BatchPages,
    BatchPlans,
    BatchViews,
    Keys,
    LeadsToSend,
    NewContacts,
    Replays,
    ScrapeRuns,
    Turns,
    OperationRecord,
    Operations,
    Targets,
    TokenKeys,
    Tokens,
    UploadRecord,
    Workspaces,
)


@dataclass(frozen=True, slots=True)
class Wired:
    """The use cases, ready to be called, and what they share."""

    settings: Settings
    clock: Clock
    engine: Engine
    store: SqlStore
    airfield: ThreadAirfield
    import_contacts: ImportContacts
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
    airfield = ThreadAirfield(settings.request_threads)
    try:
        yield _wired(settings, clock, engine, store, bison, pages, airfield)
    finally:
        airfield.close()
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
    airfield: ThreadAirfield,
) -> Wired:
    container = _ports(settings, clock, store, bison, pages, airfield)
    sink = _message_sink(settings)
    send = SendNotification(store, sink)

    def build(use_case: type[_UseCase]) -> _UseCase:
        container.register(use_case)
        return container.resolve(use_case)

    return Wired(
        settings=settings,
        clock=clock,
        engine=engine,
        store=store,
        airfield=airfield,
        import_contacts=build(ImportContacts),
        plan_batches=build(PlanBatches),
        upload_batch=build(UploadBatch),
        requeue_batch=build(RequeueBatch),
        requeue_batches=build(RequeueBatches),
        request_plan=build(RequestPlan),
        request_requeue=build(RequestRequeue),
        run_operation=RunOperation(
            store,
            {
                OperationKind.PLAN_BATCHES: build(PlanAsRequested),
                OperationKind.REQUEUE_BATCHES: build(RequeueAsRequested),
            },
        ),
        cancel_batch=build(CancelBatch),
        set_target=build(SetTarget),
        show_target=build(ShowTarget),
        set_token=build(SetToken),
        check_token=build(CheckToken),
        messages=sink,
        send_notification=send,
        send_waiting=SendWaiting(store, send),
        resend_notification=ResendNotification(store, clock),
        create_key=build(CreateKey),
        revoke_key=build(RevokeKey),
        authenticate=build(Authenticate),
        audit_change=build(AuditChange),
        rotate_key=build(RotateKey),
        try_source=build(TrySource),
        run_source=build(RunSource),
    )


def _ports(
    settings: Settings,
    clock: Clock,
    store: SqlStore,
    bison: HttpBison,
    pages: WebPages,
    airfield: ThreadAirfield,
) -> punq.Container:
    """Say who serves each port that use cases ask for."""
    container = punq.Container()
    for port in _STORE_PORTS:
        container.register(port, instance=store)
    container.register(Clock, instance=clock)
    container.register(Randomness, instance=SystemRandomness())
    container.register(LeadSinks, instance=bison)
    container.register(TokenProbe, instance=bison)
    container.register(Airfield, instance=airfield)
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
