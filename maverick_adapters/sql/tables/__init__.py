"""The tables, as the migrations make them; a test holds the two to each other.

Three shapes carry the load. ``contacts`` is wide and never updated on the hot path. ``outcomes`` is
narrow and only appended to: it *is* the ledger, and its key is what counts a contact once.
``batch_chunks`` says in one row what is in doubt, where ``batch_members`` would need 500.

The big tables have no foreign keys: each row of an insert would look up and lock its parent. What
foreign keys would promise is promised by the transactions that write them. Every sum has a check
beside it, so that no transaction can commit figures that do not add up.
"""

from __future__ import annotations

from maverick_adapters.sql.tables.access import api_keys, audit_log, idempotency_keys
from maverick_adapters.sql.tables.batches import (
    batch_chunks,
    batch_decisions,
    batch_members,
    contact_batches,
    upload_attempts,
)
from maverick_adapters.sql.tables.columns import Instant, metadata
from maverick_adapters.sql.tables.contacts import contacts
from maverick_adapters.sql.tables.disposable import (
    disposable_allowed,
    disposable_domains,
    disposable_journal,
)
from maverick_adapters.sql.tables.imports import (
    import_corrections,
    import_parts,
    import_rejects,
    imports,
)
from maverick_adapters.sql.tables.jobs import jobs, outbox
from maverick_adapters.sql.tables.ledger import outcomes, uploads
from maverick_adapters.sql.tables.master import (
    master_batches,
    master_contacts,
    master_marks,
    refill_mailboxes,
    refill_overlaps,
    refill_runs,
)
from maverick_adapters.sql.tables.notifications import notifications
from maverick_adapters.sql.tables.operations import operations
from maverick_adapters.sql.tables.raw import (
    candidates,
    filter_marks,
    filter_verdicts,
    raw_contacts,
    rule_sets,
    suppressions,
)
from maverick_adapters.sql.tables.scraping import (
    page_validators,
    scrape_hosts,
    scrape_pages,
    scrape_runs,
    sources,
)
from maverick_adapters.sql.tables.verification import (
    candidate_verdicts,
    mail_domains,
    mailbox_findings,
    verification_marks,
    verification_policies,
    verifier_questions,
    verifier_spending,
)
from maverick_adapters.sql.tables.workspaces import (
    bison_tokens,
    monthly_targets,
    target_changes,
    workspaces,
)

__all__ = [
    "Instant",
    "api_keys",
    "audit_log",
    "batch_chunks",
    "batch_decisions",
    "batch_members",
    "bison_tokens",
    "candidate_verdicts",
    "candidates",
    "contact_batches",
    "contacts",
    "disposable_allowed",
    "disposable_domains",
    "disposable_journal",
    "filter_marks",
    "filter_verdicts",
    "idempotency_keys",
    "import_corrections",
    "import_parts",
    "import_rejects",
    "imports",
    "jobs",
    "mail_domains",
    "mailbox_findings",
    "master_batches",
    "master_contacts",
    "master_marks",
    "metadata",
    "monthly_targets",
    "notifications",
    "operations",
    "outbox",
    "outcomes",
    "page_validators",
    "raw_contacts",
    "refill_mailboxes",
    "refill_overlaps",
    "refill_runs",
    "rule_sets",
    "scrape_hosts",
    "scrape_pages",
    "scrape_runs",
    "sources",
    "suppressions",
    "target_changes",
    "upload_attempts",
    "uploads",
    "verification_marks",
    "verification_policies",
    "verifier_questions",
    "verifier_spending",
    "workspaces",
]
