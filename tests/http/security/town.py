"""Two clients in one house, and for every route the request that goes through.

The routes are those that the application has. One that is new has no line in ``REQUESTS``, or a
field that ``Town.ids`` does not know, and the tests that go over all of them say so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from falcon import testing

from contracts.store.site import NOVEMBER, Record, Site
from maverick_adapters.memory import ManualClock, MemoryStore
from maverick_core.access.rules import Role
from maverick_core.jobs.rules import JobState, Message
from maverick_core.kernel.ids import batch_name, operation_name
from maverick_core.operations.rules import NewOperation, OperationKind
from maverick_core.pipeline.batch import BatchEvent
from maverick_core.pipeline.csv_import.ports import NewContact
from maverick_core.pipeline.master_fill.overlap import Overlap
from maverick_core.pipeline.raw import NewRaw
from maverick_core.pipeline.raw_import.rules import NewImport
from maverick_core.pipeline.scraping.ports import PageDue, PageResult, Run, Validators
from maverick_core.pipeline.scraping.rules import RunState
from maverick_core.pipeline.scraping.source import parse_source
from maverick_core.pipeline.upload.actions import End, Settle
from maverick_core.pipeline.upload.desk import Decision
from maverick_core.pipeline.verification.verdicts import Policy, Reason
from maverick_core.suppression.rules import SuppressionReason, parse_target
from maverick_core.workspaces.ports import TokenIdentity
from maverick_core.workspaces.rules import Workspace, new_workspace
from maverick_http.resources import RESOURCES
from maverick_http.routes import Route, routes_of
from tests.http.house import House

OWN: Final = "acme"
FOREIGN: Final = "zeta"
ABSENT: Final = "nowhere"
MARK: Final = "zzforeignzz"
"""Stands in every text of the foreign client's rows, and nowhere else."""

SITE: Final = "https://directory.example/agents"
NEW_TOKEN: Final = "56|NewTokenNewToken"  # noqa: S105 - made up
AMPLE: Final = {"http_requests_per_minute": 1_000_000, "http_guesses_per_minute": 1_000_000}
"""Limits that the tests of other things do not meet."""

ROUTES: Final = tuple(route for kind in RESOURCES for route in routes_of(kind))


def name_of(route: Route) -> str:
    """Return what the tables below, and the tests' ids, call a route."""
    return f"{route.method} {route.path}"


BY_NAME: Final = {name_of(route): route for route in ROUTES}


@dataclass(frozen=True, slots=True)
class Fine:
    """What a request needs to go through, apart from the fields of its path."""

    body: object = None
    query: str = ""
    media: str = ""


ROLES: Final = tuple(
    (role, slug)
    for role in Role
    for slug in (None, OWN)
    if not (role is Role.CLIENT and slug is None)
)
"""Every role, bound to no workspace and to one."""

REQUESTS: Final[Mapping[str, Fine]] = {
    "POST /api/v1/workspaces": Fine({"slug": "fresh", "timezone": "UTC"}),
    "PATCH /api/v1/workspaces/{slug}": Fine({"batch_size": 7}),
    "PUT /api/v1/workspaces/{slug}/targets/{month}": Fine({"contacts": 9, "reason": "agreed"}),
    "PUT /api/v1/workspaces/{slug}/bison-token": Fine({"token": NEW_TOKEN}),
    "POST /api/v1/workspaces/{slug}/bison-token:test": Fine({}),
    "POST /api/v1/workspaces/{slug}/batches:preview": Fine({"month": str(NOVEMBER)}),
    "POST /api/v1/workspaces/{slug}/batches": Fine({"month": str(NOVEMBER)}),
    "POST /api/v1/workspaces/{slug}/batches:requeue": Fine({}),
    "POST /api/v1/batches:requeue": Fine({"ids": [batch_name(1)]}),
    "POST /api/v1/batches/{batch}:requeue": Fine({}),
    "POST /api/v1/batches/{batch}:cancel": Fine({}),
    "POST /api/v1/workspaces/{slug}/pipeline": Fine({}),
    "POST /api/v1/workspaces/{slug}/imports": Fine({"file_name": "list.csv", "bytes": 9}),
    "PUT /api/v1/workspaces/{slug}/imports/{import_id}/content": Fine(
        b"Email,Name\n", media="application/octet-stream"
    ),
    "POST /api/v1/workspaces/{slug}/imports/{import_id}:start": Fine({"delimiter": ","}),
    "POST /api/v1/workspaces/{slug}/imports/{import_id}:cancel": Fine({}),
    "PUT /api/v1/workspaces/{slug}/sources/{source}": Fine({"start": [SITE], "item": "li"}),
    "POST /api/v1/workspaces/{slug}/sources:try": Fine({"start": [SITE], "item": "li"}),
    "POST /api/v1/workspaces/{slug}/sources/{source}/runs": Fine({}),
    "PUT /api/v1/workspaces/{slug}/filtering/rules": Fine({"states": ["OH"]}),
    "POST /api/v1/workspaces/{slug}/filtering:what-if": Fine({"states": ["OH"]}),
    "POST /api/v1/workspaces/{slug}/filtering/runs": Fine({}),
    "POST /api/v1/workspaces/{slug}/suppressions": Fine({"patterns": ["hal@agency.example"]}),
    "POST /api/v1/suppressions": Fine({"patterns": ["hal@agency.example"]}),
    "POST /api/v1/workspaces/{slug}/suppressions:remove": Fine({"patterns": ["kim.example"]}),
    "POST /api/v1/suppressions:remove": Fine({"patterns": ["lee.example"]}),
    "PUT /api/v1/workspaces/{slug}/verification/policy": Fine({"risks": ["role"]}),
    "POST /api/v1/workspaces/{slug}/verification:preview": Fine({}),
    "POST /api/v1/workspaces/{slug}/verification/runs": Fine({"again": True}),
    "GET /api/v1/master/contacts:find": Fine(query="email=gil@agency.example"),
    "POST /api/v1/master/fills": Fine({"rebuild": False}),
    "POST /api/v1/workspaces/{slug}/refills:preview": Fine({"limit": 5}),
    "POST /api/v1/workspaces/{slug}/refills": Fine({"limit": 5}),
    "PUT /api/v1/workspaces/{slug}/overlap": Fine({"days": 30}),
    "GET /api/v1/workspaces/{slug}/mailboxes:trace": Fine(query="email=sam@agency.example"),
    "GET /api/v1/workspaces/{slug}/contacts:trace": Fine(query="email=sam@agency.example"),
}
"""For every route that changes something; a GET has a line where it needs a query."""


_NAMED_OTHERWISE: Final = {
    ("PUT /api/v1/workspaces/{slug}/imports/{import_id}/content", "import_id"): "upload"
}
"""Routes that go through for a thing in another state than the rest of their kind."""


class Town(House):
    """A house with two clients, each with a row of every kind."""

    def __init__(
        self,
        record: Record | None = None,
        *,
        seen_as: Callable[[Record], Any] | None = None,
        alone: bool = False,
        **settings: Any,
    ) -> None:
        """Settle both on ``record``; the application sees what ``seen_as`` makes of it.

        ``alone``: the foreign one does not exist; in its place, so that numbers are the same, is
        one of another name that has nothing waiting.
        """
        clock = ManualClock()
        self.record: Record = record or MemoryStore(clock)
        seen = seen_as(self.record) if seen_as else self.record
        super().__init__(seen, clock, **{**AMPLE, **settings})
        self.bison.tokens[NEW_TOKEN] = TokenIdentity(7, "Client 7")
        self.ids: dict[str, dict[str, str]] = {
            "slug": {OWN: OWN, FOREIGN: FOREIGN, ABSENT: ABSENT},
            "month": dict.fromkeys((OWN, FOREIGN, ABSENT), str(NOVEMBER)),
            "batch": {ABSENT: batch_name(999_999), FOREIGN: batch_name(3)},
            "import_id": {ABSENT: "999999", FOREIGN: "5"},
            "upload": {ABSENT: "999999", FOREIGN: "6"},
            "source": {ABSENT: "nothing", FOREIGN: f"directory-{MARK}"},
            "operation": {ABSENT: operation_name(999_999), FOREIGN: operation_name(2)},
        }
        self.site.put(SITE, b"<ul><li>Ann ann@agency.example</ul>")
        other, mark = ("omega", "") if alone else (FOREIGN, MARK)
        self._settle(OWN, "", 7)
        self._settle(other, mark, 8)
        lee = [parse_target("lee.example")]
        self.record.add_suppressions(None, lee, SuppressionReason.MANUAL, by="pat", at=clock.now())
        self.fill_master(lambda _: None)
        ahead = self._wait(other)
        self._wait(OWN)
        if alone:
            self.record.cancel(ahead, Decision("pat", clock.now(), ""))
        for role, bound_to in ROLES:
            self.key(role, bound_to)
        self._morning = clock.now()
        self._as_settled = self.record._tables if isinstance(self.record, MemoryStore) else None

    def rewind(self) -> None:
        """Undo everything since the town was built: building one takes long."""
        assert isinstance(self.record, MemoryStore)
        assert self._as_settled
        self.record._tables = self._as_settled
        self.clock.set(self._morning)

    def _settle(self, slug: str, mark: str, number: int) -> None:
        now, record = self.clock.now(), self.record
        site = Site(record, self.clock, lambda: None, lambda *_: record)
        workspace = record.add_workspace(new_workspace(slug, "UTC", batch_size=2))
        token, identity = f"{number}|Token{mark}", TokenIdentity(number, f"Client {number}{mark}")
        self.bison.tokens[token] = identity
        record.store_token(workspace.id, token, identity, at=now)
        record.set_target(workspace.id, NOVEMBER, 50, at=now, by=f"pat{mark}", reason=f"why{mark}")
        self._people(workspace, mark)
        self._files(slug, mark)
        self._scrape(workspace, mark)
        self._filter(workspace, mark)
        self._refill(workspace, mark)
        members = sorted(site.ids(workspace).values())
        failed, uploaded = site.plan(workspace, members[:2], members[2:4])
        self._upload(site, failed, members[:1], mark)
        record.finish(
            site.claim(failed, f"host{mark}"), End(BatchEvent.FAIL, "bison_down", f"down{mark}")
        )
        self._upload(site, uploaded, members[2:4], mark)
        self.ids["batch"][slug] = batch_name(failed)
        asked = NewOperation(
            OperationKind.PLAN_BATCHES, slug, {"reason": f"why{mark}"}, f"pat{mark}"
        )
        self.ids["operation"][slug] = operation_name(record.add_operation(asked, at=now).id)
        message = Message(f"m-{number}{mark}", "bison_uploads", "upload", failed, now)
        record.job_started(message, worker=f"host{mark}", at=now)
        record.job_ended(message.id, JobState.FAILED, code="busy", detail=f"of{mark}", at=now)
        record.audit(
            actor=f"cli:pat{mark}", action="targets.set", subject=f"{slug}{mark}", result="done",
            slug=slug, detail=f"why{mark}", request_id=f"request{mark}", at=now,
        )  # fmt: skip

    def _wait(self, slug: str) -> int:
        """Plan the contact that is left into a batch, which then waits for a worker."""
        site = Site(self.record, self.clock, lambda: None, lambda *_: self.record)
        workspace = self.record.workspace(slug)
        return site.plan(workspace, sorted(site.ids(workspace).values())[4:5])[0]

    def _people(self, workspace: Workspace, mark: str) -> None:
        now, record = self.clock.now(), self.record
        import_id = record.begin_import(workspace.id, f"list{mark}.csv", at=now)
        people = [
            NewContact(
                f"{name}{mark}@agency.example", f"{name.title()}{mark}", f"Last{mark}",
                f"Title{mark}", f"Company{mark}", f"Notes{mark}", f'{{"plan":"A{mark}"}}',
            )
            for name in ("ann", "ben", "cleo", "dana", "eve")
        ]  # fmt: skip
        people.append(  # the same person at both
            NewContact(
                "sam@agency.example",
                f"Sam{mark}",
                f"Last{mark}",
                None,
                f"Company{mark}",
                None,
                None,
            )
        )
        record.add_contacts(import_id, people, rows_read=len(people), at=now)
        record.finish_import(import_id, at=now)

    def _files(self, slug: str, mark: str) -> None:
        """Put an import on record that is ready, and one whose file is coming."""
        data = f"Email,First Name\nann{mark}@agency.example,Ann{mark}\nbob{mark}\n".encode()
        take = self.facade.take_file
        ready = take.begin(slug, NewImport(f"ready{mark}.csv", len(data), f"pat{mark}"))
        take(ready, 0, data)
        coming = take.begin(slug, NewImport(f"coming{mark}.csv", 99, f"pat{mark}"))
        self.ids["import_id"][slug], self.ids["upload"][slug] = str(ready.id), str(coming.id)

    def _scrape(self, workspace: Workspace, mark: str) -> None:
        """Put a source on record, with a run that read a page and could not read another."""
        now, record = self.clock.now(), self.record
        name = f"directory-{mark}" if mark else "directory"
        starts = [f"{SITE}{mark}", f"{SITE}{mark}?page=2"]
        described = {"name": name, "start": starts, "item": f"li.a{mark}"}
        source_id = record.put_source(
            workspace.id, parse_source(described), by=f"pat{mark}", at=now
        )
        run_id = record.begin_run(source_id, at=now)
        run = record.claim_run(run_id, worker=f"host{mark}", lease_seconds=60)
        assert isinstance(run, Run)
        for code, rows in (
            ("read", [NewRaw(1, email=f"gil{mark}@agency.example", first_name=f"Gil{mark}")]),
            (f"page_missing{mark}", []),
        ):
            page = record.next_page(run)
            assert isinstance(page, PageDue)
            result = PageResult(code, f"why{mark}", rows, (), Validators(), now)
            record.page_done(run, page, result, lease_seconds=60)
        record.end_run(run, RunState.DONE, "", at=now)
        self.ids["source"].setdefault(workspace.slug, name)

    def _filter(self, workspace: Workspace, mark: str) -> None:
        """Judge what came in by rules of one's own."""
        rules = json.dumps({"blocked_words": [f"nobody{mark}"]})
        self.facade.set_rules(workspace.slug, rules, by=f"pat{mark}")
        self.filter_contacts(workspace.slug, lambda *_: None)

    def _refill(self, workspace: Workspace, mark: str) -> None:
        """Suppress somebody, take risks, and put a refill on record that is not over."""
        now, record = self.clock.now(), self.record
        names = ["kim.example", f"kim{mark}@agency.example"]
        targets = [parse_target(name) for name in names]
        record.add_suppressions(
            workspace.id, targets, SuppressionReason.MANUAL, by=f"pat{mark}", at=now
        )
        risks = Policy(frozenset({Reason.CATCH_ALL} if mark else {Reason.ROLE}))
        record.set_policy(workspace.id, risks, by=f"pat{mark}", at=now)
        record.set_overlap(workspace.id, Overlap(9 if mark else 3), by=f"pat{mark}", at=now)
        record.begin_refill(workspace.id, 5, by=f"pat{mark}", at=now)

    def _upload(self, site: Site, batch_id: int, members: list[int], mark: str) -> None:
        """Bring a batch with one taken and one refused to its end."""
        if len(members) < 2:
            return
        claim = site.claim(batch_id, f"host{mark}")
        site.send(claim)
        rejected = [(members[1], f"refused{mark}")]
        site.settle(claim, Settle(0, accepted=[(members[0], 1)], rejected=rejected, settled=True))
        self.record.finish(claim, End(BatchEvent.FINISH))

    def path(self, route: Route, whose: str = OWN) -> str:
        """Return the route's address with the fields of that client, or of nobody."""
        path = route.path
        for field in route.fields:
            known = self.ids[_NAMED_OTHERWISE.get((name_of(route), field), field)]
            path = path.replace(f"{{{field}}}", known[whose])
        return path

    def send(
        self, route: Route, whose: str = OWN, *, key: str | None = "", **headers: str
    ) -> testing.Result:
        """Send the request that goes through."""
        fine = REQUESTS.get(name_of(route), Fine())
        if route.once:
            headers.setdefault("Idempotency_Key", "key-of-this-request")
        if route.conditional:
            headers.setdefault("If_Match", "*")
        if fine.media:
            headers.setdefault("Content_Type", fine.media)
        path = self.path(route, whose) + (f"?{fine.query}" if fine.query else "")
        return self.ask(route.method, path, fine.body, key=key, **headers)
