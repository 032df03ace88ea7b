"""The gate in front of the routes: pace, scripted faults, late arrivals, the request log."""

from collections.abc import Callable, Iterable
from io import BytesIO
from threading import Lock
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import orjson

from contracts.bison.stub import requests
from contracts.bison.stub.accounting import DROPPED, Entry, RequestLog, route_of
from contracts.bison.stub.deeds import DEEDS, Answer, rate_limited, status_answer
from contracts.bison.stub.faults import Fault, Script
from contracts.bison.stub.pace import Pace
from contracts.bison.stub.state import Store
from contracts.serving import AnswerDropped

INSPECTION = "/_stub/"
"""Paths under here pass the gate: the inspection side is never slow, limited or faulty."""


class Arrival:
    """A request at the gate; its body is read only when a fault asks for it."""

    def __init__(self, environ: WSGIEnvironment) -> None:
        self.environ = environ
        self.method: str = environ["REQUEST_METHOD"]
        self.path: str = environ["PATH_INFO"]
        self.token: str = environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ").strip()

    def body(self) -> bytes:
        """Read the body and leave it to be read again."""
        length = int(self.environ.get("CONTENT_LENGTH") or 0)
        body: bytes = self.environ["wsgi.input"].read(length) if length else b""
        self.environ["wsgi.input"] = BytesIO(body)
        return body

    def emails(self) -> frozenset[str]:
        """Name the lower-cased addresses of the request's leads; none if it has no leads."""
        try:
            body = orjson.loads(self.body())
        except orjson.JSONDecodeError:
            return frozenset()

        rows = body.get("leads", [body]) if isinstance(body, dict) else []
        given = [row.get("email") for row in rows if isinstance(row, dict)]
        return frozenset(email.lower() for email in given if isinstance(email, str))

    def postponed(self) -> WSGIEnvironment:
        """Copy the request so that it can be handled later."""
        body = self.body()
        return {**self.environ, "wsgi.input": BytesIO(body)}


class Gate:
    """The WSGI application that clients talk to."""

    def __init__(
        self,
        app: WSGIApplication,
        store: Store,
        script: Script,
        log: RequestLog,
        pace: Pace,
        sleep: Callable[[float], None],
    ) -> None:
        self._app = app
        self._store = store
        self._script = script
        self._log = log
        self._pace = pace
        self._sleep = sleep
        self._lock = Lock()
        self._late: list[tuple[int, WSGIEnvironment]] = []

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Handle one request.

        Raises:
            AnswerDropped: there is no answer; a server closes the connection.

        """
        if environ["PATH_INFO"].startswith(INSPECTION):
            return self._app(environ, start)

        answer = self._admit(environ)
        start(answer.line, answer.headers)
        return [answer.body]

    def deliver_late(self, until: int | None = None) -> int:
        """Apply the late requests that are due (``None``: all) and return how many there were."""
        if not self._late:
            return 0
        with self._lock:
            due = [environ for at, environ in self._late if until is None or at <= until]
            self._late = [late for late in self._late if until is not None and late[0] > until]
        for environ in due:
            self._handle(environ)
        return len(due)

    def forget_late(self) -> None:
        """Lose the requests that have not arrived yet."""
        with self._lock:
            self._late = []

    def _admit(self, environ: WSGIEnvironment) -> Answer:
        number = self._store.tick()
        arrival = Arrival(environ)
        status = DROPPED
        try:
            answer = self._answer(arrival, number)
            status = answer.status
        finally:
            self._note(number, arrival, status)
            self.deliver_late(number)
        return answer

    def _answer(self, arrival: Arrival, number: int) -> Answer:
        wait = self._pace.wait_seconds(arrival.token)
        if wait:
            return rate_limited(wait, in_header=True, in_body=True)

        faults = self._script.met(arrival)
        if not faults:
            return self._handle(arrival.environ)

        for fault in faults:
            self._prepare(fault, arrival)
        answer = self._decide(faults, arrival, number)
        for fault in faults:
            if fault.does == "slow":
                self._sleep(fault.seconds)
        return answer

    def _prepare(self, fault: Fault, arrival: Arrival) -> None:
        """Do what has to be done before the request is handled."""
        environ = arrival.environ
        if fault.does == "latency":
            self._sleep(fault.seconds)
        elif fault.does == "expire_token":
            self._store.revoke(arrival.token)
        elif fault.does == "skip_rows":
            environ[requests.SKIPPED] = fault.emails | environ.get(requests.SKIPPED, set())
        elif fault.does == "refuse_attach":
            others = environ.get(requests.UNATTACHABLE, set())
            environ[requests.UNATTACHABLE] = fault.emails | others
        elif fault.does == "refuse_rows":
            reason = fault.message or "The {path} field must be a valid email address."
            refused = dict.fromkeys(fault.emails, reason)
            environ[requests.REFUSED] = {**environ.get(requests.REFUSED, {}), **refused}

    def _decide(self, faults: list[Fault], arrival: Arrival, number: int) -> Answer:
        for fault in faults:
            if fault.does == "late":
                return self._postpone(fault, arrival, number)
            deed = DEEDS.get(fault.does)
            if deed is not None:
                return deed(fault, lambda: self._handle(arrival.environ), self._store.switches)
        return self._handle(arrival.environ)

    def _postpone(self, fault: Fault, arrival: Arrival, number: int) -> Answer:
        with self._lock:
            self._late.append((number + fault.after_requests, arrival.postponed()))
        if fault.gateway is None:
            raise AnswerDropped("the connection died while the request was on its way")
        return status_answer(fault.gateway, fault.message, self._store.switches)

    def _handle(self, environ: WSGIEnvironment) -> Answer:
        """Let the routes answer."""
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start(
            status: str,
            headers: list[tuple[str, str]],
            _exc_info: object = None,
        ) -> Callable[[bytes], object]:
            started.append((status, headers))
            return lambda _: None

        body = b"".join(self._app(environ, start))
        status, headers = started[-1]
        return Answer(int(status[:3]), headers, body)

    def _note(self, number: int, arrival: Arrival, status: int) -> None:
        workspace = arrival.environ.get(requests.WORKSPACE)
        self._log.note(
            Entry(
                number,
                arrival.method,
                arrival.path,
                route_of(arrival.path),
                workspace.name if workspace else None,
                status,
                arrival.environ.get(requests.CHUNK),
            ),
        )
