"""The whole record in memory: one store that satisfies every port of it."""

from __future__ import annotations

from maverick_adapters.memory.access import MemoryAuditLog, MemoryKeys, MemoryReplays
from maverick_adapters.memory.backlog import MemoryBacklog
from maverick_adapters.memory.contacts import MemoryContacts
from maverick_adapters.memory.desk import MemoryDesk
from maverick_adapters.memory.disposable import MemoryDisposable
from maverick_adapters.memory.filtering import MemoryFiltering
from maverick_adapters.memory.imports import MemoryImports
from maverick_adapters.memory.jobs import MemoryJobs
from maverick_adapters.memory.master import MemoryMaster
from maverick_adapters.memory.notifications import MemoryNotifications
from maverick_adapters.memory.operations import MemoryOperations
from maverick_adapters.memory.pages import MemoryPages
from maverick_adapters.memory.pipeline_books import MemoryPipelineBooks
from maverick_adapters.memory.raw_traces import MemoryRawTraces
from maverick_adapters.memory.refills import MemoryRefills
from maverick_adapters.memory.scraping import MemoryScraping
from maverick_adapters.memory.stage_tables import MemoryStageTables
from maverick_adapters.memory.suppressions import MemorySuppressions
from maverick_adapters.memory.targets import MemoryTargets
from maverick_adapters.memory.uploads import MemoryUploads
from maverick_adapters.memory.verification import MemoryVerification
from maverick_adapters.memory.views import MemoryViews
from maverick_adapters.memory.workspaces import MemoryWorkspaces


class MemoryStore(
    MemoryKeys,
    MemoryAuditLog,
    MemoryReplays,
    MemoryWorkspaces,
    MemoryContacts,
    MemoryImports,
    MemoryScraping,
    MemoryFiltering,
    MemoryDisposable,
    MemoryVerification,
    MemoryMaster,
    MemoryRefills,
    MemorySuppressions,
    MemoryTargets,
    MemoryUploads,
    MemoryDesk,
    MemoryJobs,
    MemoryNotifications,
    MemoryBacklog,
    MemoryViews,
    MemoryPages,
    MemoryPipelineBooks,
    MemoryRawTraces,
    MemoryOperations,
    MemoryStageTables,
):
    """Everything on record, gone with the process.

    Thread-safe: writes follow each other, reads see one moment. A ``reserve`` holds the lock until
    it ends, so write to the store inside it through the reservation only.
    """
