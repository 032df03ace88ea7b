"""The filter's record: pages of raw contacts held, verdicts and candidates in by the bulk road."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, insert, select

from maverick_adapters.sql.dialects import Dialect
from maverick_adapters.sql.errors import DefectError
from maverick_adapters.sql.store.part import Part
from maverick_adapters.sql.store.raw import plain
from maverick_adapters.sql.store.suppressions import suppressed_among
from maverick_adapters.sql.store.workspaces import check_workspace
from maverick_adapters.sql.tables import (
    candidates,
    contacts,
    filter_marks,
    filter_verdicts,
    raw_contacts,
    rule_sets,
    workspaces,
)
from maverick_core.kernel.errors import changed_meanwhile
from maverick_core.pipeline.filtering.ports import (
    Candidate,
    Holder,
    JudgedContact,
    RawContact,
    Verdict,
)
from maverick_core.pipeline.filtering.rule_set import RuleSetVersion
from maverick_core.pipeline.raw import Origin, OriginKind
from maverick_core.suppression.rules import Match

_raw, _candidate = raw_contacts.c, candidates.c
_READ = ("id", "origin_kind", "origin_id", *RawContact._fields[2:])
_VERDICT_COLUMNS = (*Verdict._fields, "rules_version", "at")
_CANDIDATE_COLUMNS = ("workspace_id", *Candidate._fields, "kept_at")


class FilteringPart(Part):
    """Satisfies ``RawPages``, ``FilterHistory``, ``FilterCounts`` and ``RuleSets``."""

    @contextmanager
    def raw_page(self, workspace_id: int, *, limit: int) -> Iterator[SqlRawPage]:
        """Hold the next raw contacts; see ``RawPages.raw_page``.

        Filters of one workspace take turns; nobody else waits for them.
        """
        with self._database.write() as connection:
            check_workspace(connection, workspace_id)
            self._dialect.take_turn(connection, f"filter of workspace {workspace_id}")
            yield SqlRawPage(connection, self._dialect, workspace_id, limit)

    def judged(
        self, workspace_id: int, *, after: int, limit: int, waiting: bool
    ) -> Sequence[JudgedContact]:
        """Return raw contacts; see ``FilterHistory.judged``."""
        with self._database.snapshot() as connection:
            mark = _mark(connection, workspace_id)
            if waiting:
                rows = _raw_contacts(
                    connection, self._dialect, workspace_id, max(after, mark), limit
                )
                return [JudgedContact(row, None) for row in rows]
            rows = _raw_contacts(connection, self._dialect, workspace_id, after, limit, up_to=mark)
            verdict = filter_verdicts.c
            of_these = self._dialect.among(verdict.raw_contact_id, [row.id for row in rows])
            query = select(verdict.raw_contact_id, verdict.code).where(of_these)
            codes = dict(plain(connection, query)) if rows else {}
            return [JudgedContact(row, codes[row.id]) for row in rows]

    def holders(
        self, workspace_id: int, emails: Collection[str], *, everywhere: bool, own_candidates: bool
    ) -> Mapping[str, Holder]:
        """Return who has which; see ``FilterHistory.holders``."""
        with self._database.read() as connection:
            return _Holders(connection, self._dialect, workspace_id, list(emails)).find(
                everywhere=everywhere, own_candidates=own_candidates
            )

    def rule_sets(self, workspace_id: int) -> Sequence[RuleSetVersion]:
        """Return all versions; see ``RuleSets.rule_sets``."""
        row = rule_sets.c
        query = (
            select(row.version, row.definition, row.by, row.at)
            .where(row.workspace_id == workspace_id)
            .order_by(row.version.desc())
        )
        with self._database.read() as connection:
            return [RuleSetVersion(*each) for each in connection.execute(query)]

    def filter_counts(self, workspace_id: int) -> Mapping[str, int]:
        """Count verdicts by code; see ``FilterCounts.filter_counts``."""
        with self._database.read() as connection:
            return counts_by_code(connection, workspace_id)

    def add_rule_set(
        self,
        workspace_id: int,
        definition: str,
        *,
        by: str,
        at: datetime,
        seen: int | None = None,
    ) -> int:
        """Put the next version on record; see ``RuleSets.add_rule_set``."""
        latest = select(func.coalesce(func.max(rule_sets.c.version), 0)).where(
            rule_sets.c.workspace_id == workspace_id
        )
        with self._database.write() as connection:
            check_workspace(connection, workspace_id)
            self._dialect.take_turn(connection, f"rules of workspace {workspace_id}")
            last: int = connection.execute(latest).scalar_one()
            if seen not in {None, last}:
                raise changed_meanwhile()
            version = last + 1
            values = {"version": version, "definition": definition, "by": by, "at": at}
            connection.execute(insert(rule_sets).values(workspace_id=workspace_id, **values))
        return version


def counts_by_code(connection: Connection, workspace_id: int) -> Mapping[str, int]:
    """Return how many of the workspace's raw contacts have which verdict."""
    verdict = filter_verdicts.c
    query = (
        select(verdict.code, func.count())
        .join(raw_contacts, _raw.id == verdict.raw_contact_id)
        .where(_raw.workspace_id == workspace_id)
        .group_by(verdict.code)
    )
    return {str(code): rows for code, rows in connection.execute(query)}


class SqlRawPage:
    """Raw contacts of one workspace, in an open transaction."""

    def __init__(
        self, connection: Connection, dialect: Dialect, workspace_id: int, limit: int
    ) -> None:
        """Read the page; the transaction holds the workspace's turn."""
        self._connection = connection
        self._dialect = dialect
        self._workspace_id = workspace_id
        mark = _mark(connection, workspace_id)
        self._rows = _raw_contacts(connection, dialect, workspace_id, mark, limit)

    @property
    def rows(self) -> Sequence[RawContact]:
        """The next ones without a verdict."""
        return self._rows

    def suppressed(self, emails: Collection[str]) -> Mapping[str, Match]:
        """Return who must not be written to; see ``Facts.suppressed``."""
        return suppressed_among(self._connection, self._dialect, self._workspace_id, emails)

    def holders(self, emails: Collection[str], *, everywhere: bool) -> Mapping[str, Holder]:
        """Return who has which; see ``Facts.holders``."""
        return holders_among(
            self._connection, self._dialect, self._workspace_id, emails, everywhere=everywhere
        )

    def close(
        self,
        verdicts: Sequence[Verdict],
        candidates: Sequence[Candidate],
        *,
        rules_version: int,
        at: datetime,
    ) -> None:
        """Append both and move the mark on; see ``RawPage.close``."""
        if [verdict.raw_contact_id for verdict in verdicts] != [row.id for row in self._rows]:
            raise DefectError("Each raw contact of the page has one verdict, in its order.")
        if not verdicts:
            return
        append, connection = self._dialect.append, self._connection
        judged = ((*verdict, rules_version, at) for verdict in verdicts)
        append(connection, filter_verdicts, _VERDICT_COLUMNS, judged)
        kept = ((self._workspace_id, *candidate, at) for candidate in candidates)
        append(connection, _CANDIDATES, _CANDIDATE_COLUMNS, kept)
        mark = {"raw_contact_id": self._rows[-1].id}
        statement = self._dialect.insert(filter_marks).values(
            workspace_id=self._workspace_id, **mark
        )
        connection.execute(
            statement.on_conflict_do_update(index_elements=["workspace_id"], set_=mark)
        )


def holders_among(
    connection: Connection,
    dialect: Dialect,
    workspace_id: int,
    emails: Collection[str],
    *,
    everywhere: bool,
) -> Mapping[str, Holder]:
    """Return who has which; see ``Facts.holders``."""
    found = _Holders(connection, dialect, workspace_id, list(emails))
    return found.find(everywhere=everywhere, own_candidates=True)


_CANDIDATES = candidates  # a method's argument has the same name


class _Holders:
    """Who has some mailboxes, looked up by key table by table.

    Joins would be planned by what was known of tables when they were last analysed, and may then
    read all of them for every page.
    """

    def __init__(
        self, connection: Connection, dialect: Dialect, workspace_id: int, emails: list[str]
    ) -> None:
        self._connection = connection
        self._dialect = dialect
        self._workspace_id = workspace_id
        self._emails = emails

    def find(self, *, everywhere: bool, own_candidates: bool) -> Mapping[str, Holder]:
        """Return the holders; what is nearer overwrites what is farther."""
        if not self._emails:
            return {}
        found: dict[str, Holder] = {}
        if everywhere:
            found |= self._elsewhere()
        own = contacts.c.workspace_id == self._workspace_id
        found |= {email: Holder("", None) for (email,) in self._having(contacts.c.email, own)}
        if own_candidates:
            found |= self._candidates()
        return found

    def _having(
        self, email: ColumnElement[str], where: ColumnElement[bool], *more: ColumnElement[Any]
    ) -> Sequence[tuple[Any, ...]]:
        query = select(email, *more).where(where, self._dialect.among_keys(email, self._emails))
        return plain(self._connection, query)

    def _candidates(self) -> dict[str, Holder]:
        own = _candidate.workspace_id == self._workspace_id
        raw_ids = dict(self._having(_candidate.email, own, _candidate.raw_contact_id))
        if not raw_ids:
            return {}
        query = select(_raw.id, _raw.origin_kind, _raw.origin_id).where(
            self._dialect.among(_raw.id, list(raw_ids.values()))
        )
        origins = {
            id_: Origin(OriginKind(kind), origin_id)
            for id_, kind, origin_id in plain(self._connection, query)
        }
        return {email: Holder("", origins[raw_id]) for email, raw_id in raw_ids.items()}

    def _elsewhere(self) -> dict[str, Holder]:
        query = select(workspaces.c.id, workspaces.c.slug).where(
            workspaces.c.id != self._workspace_id
        )
        slugs = dict(plain(self._connection, query))
        others = self._dialect.among(contacts.c.workspace_id, list(slugs))
        known = self._having(contacts.c.email, others, contacts.c.workspace_id)
        foreign = _candidate.workspace_id != self._workspace_id
        kept = self._having(_candidate.email, foreign, _candidate.workspace_id)
        by_slug = sorted({(slugs[owner], email) for email, owner in (*known, *kept)}, reverse=True)
        return {email: Holder(slug, None) for slug, email in by_slug}


def _mark(connection: Connection, workspace_id: int) -> int:
    query = select(filter_marks.c.raw_contact_id).where(filter_marks.c.workspace_id == workspace_id)
    return connection.execute(query).scalar_one_or_none() or 0


def _raw_contacts(
    connection: Connection,
    dialect: Dialect,
    workspace_id: int,
    after: int,
    limit: int,
    *,
    up_to: int | None = None,
) -> Sequence[RawContact]:
    key = (_raw.workspace_id, _raw.id)
    query: Select[Any] = (
        select(*(_raw[name] for name in _READ))
        .where(dialect.behind(key, workspace_id, after))
        .order_by(*key)
        .limit(limit)
    )
    if up_to is not None:
        query = query.where(_raw.id <= up_to)
    rows = plain(connection, query)
    origins = {key: Origin(OriginKind(key[0]), key[1]) for key in {row[1:3] for row in rows}}
    return [RawContact._make((row[0], origins[row[1:3]], *row[3:])) for row in rows]
