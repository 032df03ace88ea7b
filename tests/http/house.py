"""The application as a client meets it, with keys, and what tests set up behind its back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from falcon import testing

from contracts.store.site import Record
from maverick_adapters.cleaning import LibraryCleaner, PackagedDomains
from maverick_adapters.csv_files import StoredSheets
from maverick_adapters.memory import ManualClock, MemoryBison
from maverick_adapters.memory.site import MemorySite
from maverick_adapters.memory.verifier import MemoryVerifier
from maverick_adapters.settings import load_settings
from maverick_adapters.sources import SourceReader
from maverick_adapters.system import SystemRandomness
from maverick_core.access.rules import Role, Scope
from maverick_core.access.service import CreateKey
from maverick_core.pipeline.batching.request import RequestPlan
from maverick_core.pipeline.batching.service import PlanBatches
from maverick_core.pipeline.filtering.request import RequestFilter
from maverick_core.pipeline.filtering.service import FilterContacts, Judges, SetRules, WhatIf
from maverick_core.pipeline.master_fill.filling import FillMaster
from maverick_core.pipeline.master_fill.request import RequestFill, RequestRefill
from maverick_core.pipeline.master_fill.service import (
    Choosers,
    RehearseRefill,
    SetOverlap,
    Shortage,
)
from maverick_core.pipeline.onward.service import AskStages
from maverick_core.pipeline.raw_import.rejects import ReadRejects
from maverick_core.pipeline.raw_import.service import StartImport, TakeFile
from maverick_core.pipeline.scraping.ports import Pages
from maverick_core.pipeline.scraping.request import RequestRun
from maverick_core.pipeline.scraping.service import TrySource
from maverick_core.pipeline.tracing import TraceMailbox
from maverick_core.pipeline.upload.desk import CancelBatch, RequeueBatch
from maverick_core.pipeline.upload.requeueing import RequestRequeue, RequeueBatches
from maverick_core.pipeline.verification.asking import AskVerifier, VerificationTerms
from maverick_core.pipeline.verification.request import RequestVerification
from maverick_core.pipeline.verification.service import (
    RehearseVerification,
    SetPolicy,
    VerifyCandidates,
)
from maverick_core.suppression.service import Suppress, Unsuppress
from maverick_core.targets.service import SetTarget, ShowTarget
from maverick_core.workspaces.rules import Workspace, new_workspace
from maverick_core.workspaces.service import CheckToken, SetToken
from maverick_http.app import build_app
from maverick_http.facade import Facade

TOKEN = "12|AbCdEfGh"  # noqa: S105 - made up


class House:
    """One application. A client is given by the name of its key."""

    def __init__(
        self,
        store: Record,
        clock: ManualClock,
        *,
        checks: Mapping[str, Callable[[], None]] | None = None,
        pages: Pages | None = None,
        **settings: Any,
    ) -> None:
        """Build it over ``store``."""
        self.store = store
        self.clock = clock
        self.bison = MemoryBison()
        self.site = MemorySite()
        self._randomness = SystemRandomness()
        self._keys: dict[str, str] = {}
        sheets = StoredSheets(store)
        judges = Judges(store, LibraryCleaner(), PackagedDomains())
        terms = VerificationTerms(daily_limit=1_000)
        asking = AskVerifier(store, MemoryVerifier(), self._randomness, clock, terms)
        self.verify = VerifyCandidates(store, store, asking, clock)
        self.fill_master = FillMaster(store, store)
        self.filter_contacts = FilterContacts(store, store, judges, clock)
        self.facade = Facade(
            settings=load_settings(**settings),
            clock=clock,
            randomness=self._randomness,
            store=store,
            set_target=SetTarget(store, store, clock),
            show_target=ShowTarget(store, store, clock),
            set_token=SetToken(store, store, self.bison, clock),
            check_token=CheckToken(store, store, self.bison, clock),
            plan_batches=PlanBatches(store, store, store, clock),
            request_plan=RequestPlan(store, store, clock),
            requeue_batch=RequeueBatch(store, clock),
            requeue_batches=RequeueBatches(store, store, clock),
            request_requeue=RequestRequeue(store, store, store, clock),
            cancel_batch=CancelBatch(store, clock),
            ask_stages=AskStages(store, store, store, store, clock),
            take_file=TakeFile(store, store, store, clock),
            start_import=StartImport(store, sheets, clock),
            read_rejects=ReadRejects(store, sheets),
            sheets=sheets,
            try_source=TrySource(pages or self.site, SourceReader()),
            request_run=RequestRun(store, store, store, store, clock),
            set_rules=SetRules(store, store, clock),
            what_if=WhatIf(store, store, store, judges),
            request_filter=RequestFilter(store, store, clock),
            suppress=Suppress(store, store, clock),
            unsuppress=Unsuppress(store, store),
            ask_verifier=asking,
            rehearse_verification=RehearseVerification(store, store, asking, clock),
            set_policy=SetPolicy(store, store, clock),
            request_verification=RequestVerification(store, store, clock),
            request_fill=RequestFill(store, clock),
            rehearse_refill=RehearseRefill(
                store, Shortage(store, store, clock), store, Choosers(judges, store), clock
            ),
            request_refill=RequestRefill(store, store, clock),
            set_overlap=SetOverlap(store, store, clock),
            trace_mailbox=TraceMailbox(store, store, store),
            checks=checks or {},
        )
        self.client = testing.TestClient(build_app(self.facade))

    def workspace(self, slug: str = "acme") -> Workspace:
        """Add a workspace."""
        return self.store.add_workspace(new_workspace(slug, "America/New_York"))

    def key(self, role: Role = Role.ADMIN, slug: str | None = None, *scopes: Scope) -> str:
        """Return a key, made when it is first asked for."""
        name = "-".join([role, slug or "all", *(scope.replace(":", ".") for scope in scopes)])
        if name not in self._keys:
            create = CreateKey(self.store, self._randomness, self.clock)
            made = create(name, role, slug=slug, scopes=scopes or None)
            self._keys[name] = made.secret
        return self._keys[name]

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = "",
        **headers: str,
    ) -> testing.Result:
        """Send a request, with an administrator's key unless told; ``key=None`` sends none.

        Headers are written with ``_`` for ``-``.
        """
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            sent["Authorization"] = f"Bearer {key or self.key()}"
        raw = body if isinstance(body, bytes) else None if body is None else json.dumps(body)
        if raw is not None:
            sent.setdefault("Content-Type", "application/json")
        return self.client.simulate_request(method, path, body=raw, headers=sent)
