"""The page of the data model, read from the tables' own definition."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table, UniqueConstraint
from sqlalchemy.dialects import postgresql

from maverick_adapters.sql.tables import metadata
from tools.reference.markdown import code, document, table

_PURPOSES: Final = {
    "workspaces": "One row a client: its time zone, its batch size, its campaign, its hold.",
    "bison_tokens": "The token of each workspace, encrypted; `hint` is its last four characters.",
    "imports": "One row for each file that is or was imported, with its counts and how far it is.",
    "import_parts": "The files of imports in parts, compressed, until a month after their end.",
    "import_rejects": "One row for each row of a file whose shape is wrong.",
    "import_corrections": "One row for each rejected row whose place a corrected one took.",
    "contacts": "Everybody who may be uploaded, once in each workspace; `email` is normalised.",
    "raw_contacts": "Contacts as a source had them: appended, never changed.",
    "filter_verdicts": "What the filter made of each raw contact: `kept`, or a code that says why.",
    "filter_marks": "Up to which raw contact a workspace is filtered.",
    "candidates": "Kept contacts, cleaned, that wait for verification; `email` is normalised.",
    "candidate_verdicts": "What verification made of each candidate; `mailable` ones are contacts.",
    "verification_marks": "Up to which candidate a workspace is verified; its import of contacts.",
    "verification_policies": "Which risks a workspace takes, where that is not the default.",
    "mailbox_findings": "What is believed of a mailbox, and until when it is not asked for again.",
    "mail_domains": "Which domains take mail for any name, as far as is known.",
    "verifier_questions": "What a provider was asked; with the mailboxes, until it answers.",
    "verifier_spending": "How many mailboxes a provider was asked about on a day (UTC).",
    "rule_sets": "Every version of a workspace's filter rules: who set it, and when.",
    "suppressions": "Mailboxes and domains not to be written to, by one workspace or by any.",
    "disposable_domains": "The list of disposable domains that was fetched last.",
    "disposable_allowed": "Domains that people say are no disposable ones, whatever lists say.",
    "disposable_journal": "Every refresh of that list and what became of it: appended.",
    "master_contacts": "Every known mailbox once: the best of what all workspaces know of it.",
    "master_marks": "Up to which candidate and contact of a workspace the list was told.",
    "master_batches": "How many outcomes of a batch the list was told.",
    "refill_runs": "Each refill from the list: asked, looked at, brought, and why not the others.",
    "refill_mailboxes": "Which mailboxes refills brought to a workspace: each once, for ever.",
    "refill_overlaps": "How close refills of a workspace may come to others; null is `none`.",
    "monthly_targets": "How many contacts a workspace is to upload in a month.",
    "target_changes": "Every change of a target: from what to what, who, when, why.",
    "contact_batches": "The batches, their state, their lease and the sums of their outcomes.",
    "batch_members": "Who is in which batch, frozen when it is planned; `released` by a cancel.",
    "batch_chunks": "How far each chunk of a batch is; the intent to send is written here first.",
    "outcomes": "What became of each contact, appended once ever: this is the ledger.",
    "uploads": "When how many contacts were counted, for the forecast.",
    "upload_attempts": "Every claim of a batch: who, when, how it ended.",
    "batch_decisions": "Every re-queue and cancel: who, when, why.",
    "operations": "Long work that a person asked for: how far it is, what it came to.",
    "outbox": "What workers are to be told, written with what it is about; a claim takes it away.",
    "api_keys": "Who may use the HTTP API, and for what; of a key itself only the SHA-256 is kept.",
    "audit_log": "Every change, begun and ended, by whom; the database refuses to alter it.",
    "idempotency_keys": "Requests that may come twice, with the answer to give again, for a day.",
    "notifications": "Incidents, what people are told of each, and how far that is.",
    "sources": "Sites that contacts are taken from, each as it was described.",
    "scrape_runs": "Each run of a source: how far it is, who has it, how it ended.",
    "scrape_pages": "The pages of a run, in their order; without a code, a page is due.",
    "page_validators": "What a site gave with a page, to ask whether it has changed since.",
    "scrape_hosts": "When each host may be asked again, by whichever worker.",
    "jobs": "The life of each message: queued, started, how it ended and why.",
}

_INTRODUCTION = """
One SQLite file or one PostgreSQL database holds everything; Maverick keeps no state elsewhere.
Types are PostgreSQL's; SQLite's are their nearest relatives.
[The architecture](../explanation/architecture.md) says why the tables are cut this way.
"""


def page() -> str:
    """Return the page."""
    sections = [part for name in _PURPOSES for part in _section(metadata.tables[name])]
    if unexplained := metadata.tables.keys() - _PURPOSES.keys():
        raise LookupError(f"Say what these are for: {sorted(unexplained)}.")
    return document("Data model", _INTRODUCTION, *sections)


def _section(each: Table) -> list[str]:
    rows = [(code(column.name), _type(column), _notes(column)) for column in each.columns]
    laws = [f"- {line}" for line in _laws(each)]
    columns = table(("column", "type", "notes"), rows)
    return [f"## {each.name}", _PURPOSES[each.name], columns, "\n".join(laws)]


def _type(column: Column[object]) -> str:
    return column.type.compile(postgresql.dialect()).lower()  # type: ignore[no-untyped-call]


def _notes(column: Column[object]) -> str:
    notes = ["may be null"] if column.nullable else []
    notes += [f"of {code(key.target_fullname)}" for key in column.foreign_keys]
    return ", ".join(notes)


def _laws(each: Table) -> list[str]:
    """Return what the database itself refuses to break."""
    keys, uniques, checks = [], [], []
    for constraint in each.constraints:
        names = ", ".join(column.name for column in getattr(constraint, "columns", ()))
        match constraint:
            case PrimaryKeyConstraint():
                keys.append(f"key: {code(names)}")
            case UniqueConstraint():
                uniques.append(f"unique: {code(names)}")
            case CheckConstraint():
                checks.append(f"always: {code(str(constraint.sqltext))}")
    uniques += [f"unique: {_columns(index)}" for index in each.indexes if index.unique]
    return keys + sorted(uniques) + sorted(checks)


def _columns(index: Index) -> str:
    names = ", ".join(column.name for column in index.columns)
    where = index.dialect_options["postgresql"]["where"]
    return code(names) + (f" where {code(str(where))}" if where is not None else "")
