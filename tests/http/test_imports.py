"""A file sent over HTTP, in parts that get lost, and its way to the rejects and back."""

from __future__ import annotations

import csv
import io
from hashlib import sha256
from typing import Any

import pytest
from falcon import testing

from contracts.machines.importing import ImportRig
from contracts.store.site import Site
from maverick_adapters.memory import ManualClock, MemoryStore
from maverick_core.access.rules import Role
from maverick_core.pipeline.raw import NewRaw, Origin, OriginKind
from tests.http.house import House

LIST = b"""Work Mail,First Name,Company
ann@oak.example,Ann,Oak
bob@oak.example,Bob
,Cy,Elm
"""
IMPORTS = "/api/v1/workspaces/acme/imports"
MAPPED = {"fields": {"Work Mail": "email"}}


class Desk(House):
    """A house with a workspace, and workers that do what was announced."""

    def __init__(self, **settings: Any) -> None:
        clock = ManualClock()
        store = MemoryStore(clock)
        super().__init__(store, clock, **settings)
        self.rig = ImportRig(Site(store, clock, lambda: None, lambda *_: store))

    def post(self, path: str, body: object, key: str = "once") -> testing.Result:
        return self.ask("POST", path, body, Idempotency_Key=key + path)

    def put(self, import_id: int, start: int, data: bytes, **headers: str) -> testing.Result:
        sent = {"Content_Type": "application/octet-stream", **headers}
        return self.ask("PUT", f"{IMPORTS}/{import_id}/content?start={start}", data, **sent)

    def sent(self, data: bytes = LIST, name: str = "list.csv") -> int:
        body = {"file_name": name, "bytes": len(data), "sha256": sha256(data).hexdigest()}
        import_id = int(self.post(IMPORTS, body, name).json["id"])
        assert self.put(import_id, 0, data).json["status"] == "ready"
        return import_id

    def imported(self, data: bytes = LIST, name: str = "list.csv") -> int:
        import_id = self.sent(data, name)
        assert self.post(f"{IMPORTS}/{import_id}:start", MAPPED).status_code == 202
        self.rig.worker()(import_id, worker="worker-1")
        self.rig.filter()
        return import_id


@pytest.fixture
def desk() -> Desk:
    return Desk()


def code(result: testing.Result) -> tuple[int, str]:
    return result.status_code, result.json["title"]


def test_a_file_is_sent_in_parts_and_goes_on_where_it_broke_off(desk: Desk) -> None:
    """GET says how many bytes are there; a part whose answer was lost is sent again."""
    new = {"file_name": "list.csv", "bytes": len(LIST)}
    made = desk.post(IMPORTS, new)
    one = made.json["id"]
    assert made.status_code == 201
    assert made.headers["Location"] == f"{IMPORTS}/{one}"

    assert desk.put(one, 0, LIST[:20]).json["received"] == 20
    assert desk.put(one, 0, LIST[:20]).json["received"] == 20
    assert code(desk.put(one, 30, LIST[30:])) == (422, "Wrong offset")
    assert desk.ask("GET", f"{IMPORTS}/{one}").json["received"] == 20
    assert desk.put(one, 10, LIST[10:]).json["status"] == "ready"
    assert desk.put(one, 10, LIST[10:]).json["status"] == "ready"
    assert desk.ask("GET", f"{IMPORTS}/{one}").json["sha256"] == sha256(LIST).hexdigest()


def test_bytes_that_cannot_be_the_file_are_refused(desk: Desk) -> None:
    """More than was said, of another kind, larger than a part may be, or not those announced."""
    one = desk.post(IMPORTS, {"file_name": "a.csv", "bytes": 10}).json["id"]
    assert code(desk.put(one, 0, b"x" * 11)) == (422, "File too large")
    assert code(desk.put(one, 0, b"x", Content_Type="text/csv")) == (415, "Wrong media type")
    assert code(Desk(http_content_limit=1_024).put(1, 0, b"x" * 1_025))[0] == 413

    false = {"file_name": "b.csv", "bytes": 1, "sha256": "0" * 64}
    two = desk.post(IMPORTS, false, "two").json["id"]
    assert code(desk.put(two, 0, b"x")) == (422, "Wrong digest")
    assert desk.ask("GET", f"{IMPORTS}/{two}").json["status"] == "cancelled"


def test_a_preview_can_be_overruled_before_the_import_starts(desk: Desk) -> None:
    """Encoding, delimiter and columns as they would be read; a start settles them."""
    one = desk.sent()
    seen = desk.ask("GET", f"{IMPORTS}/{one}/preview").json
    cut = desk.ask("GET", f"{IMPORTS}/{one}/preview?delimiter=semicolon").json

    assert (seen["encoding"], seen["delimiter"]) == ("utf-8", ",")
    assert [each["field"] for each in seen["columns"]] == ["email", "first_name", "company"]
    assert len(cut["columns"]) == 1
    assert code(desk.post(f"{IMPORTS}/{one}:start", {}, "a")) == (422, "Email column missing")
    assert desk.post(f"{IMPORTS}/{one}:start", MAPPED, "b").json["status"] == "running"
    assert code(desk.post(f"{IMPORTS}/{one}:start", MAPPED, "c")) == (409, "Import state")


def test_rejects_are_streamed_corrected_and_sent_again(desk: Desk) -> None:
    """What is open, each with its token; its correction closes it."""
    one = desk.imported()
    found = desk.ask("GET", f"{IMPORTS}/{one}/rejects.csv")
    header, *rows = csv.reader(io.StringIO(found.content.decode("utf-8-sig"), newline=""))
    assert found.headers["Content-Type"].startswith("text/csv")
    assert [row[1] for row in rows] == ["ragged_row", "email_missing"]

    rows[0].append("Oak")
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, rows[0]])
    two = desk.imported(text.getvalue().encode(), "fixed.csv")

    assert desk.ask("GET", f"{IMPORTS}/{two}").json["corrected"] == 1
    shown = desk.ask("GET", f"{IMPORTS}/{one}").json
    assert shown["fates"] == {"waiting": 0, "kept": 1, "closed": 1, "open": 1}
    assert shown["open"] == {"email_missing": 1}
    assert [each["id"] for each in desk.ask("GET", IMPORTS).json["data"]] == [two, one]


def test_a_cancelled_import_is_over(desk: Desk) -> None:
    """Its file goes; it is not cancelled twice."""
    one = desk.sent()

    assert desk.post(f"{IMPORTS}/{one}:cancel", {}, "a").json["status"] == "cancelled"
    assert desk.post(f"{IMPORTS}/{one}:cancel", {}, "b").status_code == 409
    assert code(desk.ask("GET", f"{IMPORTS}/{one}/preview")) == (404, "Import file gone")


def test_an_import_of_another_workspace_does_not_exist(desk: Desk) -> None:
    """Under the own workspace's address neither, whoever asks."""
    desk.workspace("zeta")
    one = desk.sent()

    for path in (f"/{one}", f"/{one}/preview", f"/{one}/rejects.csv", "/x"):
        assert desk.ask("GET", f"/api/v1/workspaces/zeta/imports{path}").status_code == 404
    bound = desk.key(Role.OPERATOR, "zeta")
    assert desk.ask("GET", f"{IMPORTS}/{one}", key=bound).status_code == 404


def test_who_sees_one_workspace_is_not_told_in_rejects_who_else_has_a_mailbox(desk: Desk) -> None:
    """The file and the counts say no more than that it is not to be had."""
    desk.workspace("zeta")
    desk.ask(
        "PUT", "/api/v1/workspaces/acme/filtering/rules", {"other_workspaces": "filter"},
        If_Match="*",
    )  # fmt: skip
    rows = [NewRaw(1, email="ann@oak.example", first_name="Ann")]
    zeta = desk.store.workspace("zeta").id
    desk.store.add_raw(zeta, Origin(OriginKind.SCRAPE_RUN, 1), rows, at=desk.clock.now())
    desk.filter_contacts("zeta", lambda *_: None)
    path = f"{IMPORTS}/{desk.imported()}"
    bound = desk.key(Role.VIEWER, "acme")
    everything = desk.ask("GET", f"{path}/rejects.csv").text
    told = desk.ask("GET", f"{path}/rejects.csv", key=bound).text
    counts = desk.ask("GET", path, key=bound).json["open"]

    assert "duplicate_in_other_workspace,Another workspace has this mailbox" in everything
    assert "zeta" not in told
    assert "nother workspace" not in told
    assert "The mailbox is not to be had for this workspace." in told
    assert counts["withheld"] == 1
