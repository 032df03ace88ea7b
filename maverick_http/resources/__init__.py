"""The routes, a module for each thing that they are about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from prometheus_client import CollectorRegistry

from maverick_http.facade import Facade
from maverick_http.openapi.document import document
from maverick_http.resources.audit import AuditResource
from maverick_http.resources.batch_people import BatchPeopleResource
from maverick_http.resources.batches import BatchesResource
from maverick_http.resources.contacts import ContactsResource
from maverick_http.resources.decisions import DecisionsResource
from maverick_http.resources.filtering import FilteringResource
from maverick_http.resources.health import HealthResource
from maverick_http.resources.imports import ImportsResource
from maverick_http.resources.jobs import JobsResource
from maverick_http.resources.master import MasterResource
from maverick_http.resources.metrics import MetricsResource
from maverick_http.resources.operations import OperationsResource
from maverick_http.resources.pipeline import PipelineResource
from maverick_http.resources.plans import PlansResource
from maverick_http.resources.reference import ReferenceResource
from maverick_http.resources.refills import RefillsResource
from maverick_http.resources.sources import SourcesResource
from maverick_http.resources.suppressions import SuppressionsResource
from maverick_http.resources.targets import TargetsResource
from maverick_http.resources.tokens import TokensResource
from maverick_http.resources.topology import TopologyResource
from maverick_http.resources.verification import VerificationResource
from maverick_http.resources.workspaces import WorkspacesResource

RESOURCES: Final[Mapping[type, Callable[[Facade, CollectorRegistry], object]]] = {
    WorkspacesResource: lambda facade, _: WorkspacesResource(facade.store),
    TargetsResource: lambda facade, _: TargetsResource(
        facade.store, facade.store, facade.store, facade.set_target, facade.show_target
    ),
    ImportsResource: lambda facade, _: ImportsResource(
        facade.store,
        facade.store,
        facade.store,
        facade.sheets,
        facade.take_file,
        facade.start_import,
        facade.read_rejects,
        facade.clock,
    ),
    SourcesResource: lambda facade, _: SourcesResource(
        facade.store, facade.store, facade.try_source, facade.request_run, facade.clock
    ),
    FilteringResource: lambda facade, _: FilteringResource(
        facade.store,
        facade.store,
        facade.store,
        facade.set_rules,
        facade.what_if,
        facade.request_filter,
    ),
    SuppressionsResource: lambda facade, _: SuppressionsResource(
        facade.store, facade.store, facade.suppress, facade.unsuppress
    ),
    VerificationResource: lambda facade, _: VerificationResource(
        facade.store,
        facade.store,
        facade.store,
        facade.ask_verifier,
        facade.rehearse_verification,
        facade.set_policy,
        facade.request_verification,
        facade.clock,
    ),
    MasterResource: lambda facade, _: MasterResource(
        facade.store, facade.store, facade.request_fill
    ),
    RefillsResource: lambda facade, _: RefillsResource(
        facade.store,
        facade.store,
        facade.store,
        facade.rehearse_refill,
        facade.request_refill,
        facade.set_overlap,
    ),
    TokensResource: lambda facade, _: TokensResource(
        facade.store, facade.store, facade.set_token, facade.check_token
    ),
    PipelineResource: lambda facade, _: PipelineResource(facade.ask_stages),
    BatchesResource: lambda facade, _: BatchesResource(facade.store, facade.store, facade.clock),
    BatchPeopleResource: lambda facade, _: BatchPeopleResource(
        facade.store, facade.store, facade.store
    ),
    PlansResource: lambda facade, _: PlansResource(facade.plan_batches, facade.request_plan),
    DecisionsResource: lambda facade, _: DecisionsResource(
        facade.store,
        facade.clock,
        facade.requeue_batch,
        facade.cancel_batch,
        facade.requeue_batches,
        facade.request_requeue,
    ),
    ContactsResource: lambda facade, _: ContactsResource(
        facade.store, facade.store, facade.trace_mailbox
    ),
    OperationsResource: lambda facade, _: OperationsResource(facade.store),
    JobsResource: lambda facade, _: JobsResource(facade.store),
    TopologyResource: lambda facade, _: TopologyResource(facade.settings.topology),
    AuditResource: lambda facade, _: AuditResource(facade.store),
    HealthResource: lambda facade, _: HealthResource(facade.checks),
    MetricsResource: lambda facade, registry: MetricsResource(registry, facade.store, facade.clock),
    ReferenceResource: lambda *_: ReferenceResource(document(RESOURCES)),
}
"""Every resource, and how it is made of the facade; their order is that of the reference."""
