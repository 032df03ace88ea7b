"""The stub: questions in bulk, idempotent by their key, paid for by the mailbox."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from threading import Lock
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from contracts.scripting import Script
from contracts.serving import AnswerDropped
from contracts.verifier.stub.faults import Fault

MOST = 50_000
"""Mailboxes of one question."""

Says = tuple[str, str]

_BY_NAME: Mapping[str, Says] = {
    "nobody": ("invalid", "no_such_mailbox"),
    "full": ("risky", "mailbox_full"),
    "silent": ("unknown", "no_answer"),
    "odd": ("purple", ""),
    "info": ("role", ""),
}
_BY_DOMAIN: Mapping[str, Says] = {
    "any": ("catch_all", ""),
    "gone": ("invalid", "no_such_domain"),
    "throwaway": ("disposable", ""),
}


def usual(email: str) -> Says:
    """Say of a mailbox what its name does: ``nobody…``, ``full…``, ``…@any.…``; else ``valid``."""
    local, _, domain = email.partition("@")
    for start, says in _BY_DOMAIN.items():
        if domain.startswith(f"{start}."):
            return says
    for start, says in _BY_NAME.items():
        if local.startswith(start):
            return says
    return "valid", ""


class Refusal(Exception):
    """An answer that is none."""

    def __init__(self, status: str, error: str) -> None:
        super().__init__(error)
        self.status = status
        self.body = json.dumps({"error": error}).encode()


@dataclass(frozen=True, slots=True)
class Job:
    """A question that is worked on until ``ready_at``."""

    emails: tuple[str, ...]
    ready_at: float


class VerifierStub:
    """One account at one provider.

    ``processing_seconds`` pass before an answer is there, ``latency_seconds`` with each call.
    ``charged`` counts each mailbox as often as it was paid for, ``calls`` are what was called.
    """

    def __init__(
        self,
        *,
        key: str = "vk-stub",
        know: Callable[[str], Says] = usual,
        credit: int = 1_000_000,
        processing_seconds: float = 0.0,
        latency_seconds: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.credits = credit
        self.charged: Counter[str] = Counter()
        self.calls: list[str] = []
        self.processing_seconds = processing_seconds
        self._key = key
        self._know = know
        self._latency_seconds = latency_seconds
        self._clock = clock
        self._sleep = sleep
        self._lock = Lock()
        self._numbers = count(1)
        self._script = Script[Fault](lambda fault: fault.call)
        self._jobs: dict[str, Job] = {}
        self._ids: dict[str, str] = {}
        self.app: WSGIApplication = self._serve

    def script(self, fault: Fault) -> None:
        """Put a fault in force."""
        self._script.add(fault)

    def _serve(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if path == "/_stub/charged":
            return _answer(start, "200 OK", json.dumps(self.charged).encode())
        call = {("POST", "/v1/bulk"): "ask", ("GET", "/v1/account"): "account"}.get(
            (method, path), "answer"
        )
        self.calls.append(call)
        if self._latency_seconds:
            self._sleep(self._latency_seconds)
        fault = self._script.met(call)
        if fault is None:
            return _answer(start, *self._apply(call, environ))
        return self._meet(fault, call, environ, start)

    def _meet(
        self, fault: Fault, call: str, environ: WSGIEnvironment, start: StartResponse
    ) -> Iterable[bytes]:
        if fault.does == "drop_before":
            raise AnswerDropped("the connection died on the way there")
        if fault.does == "status":
            wait = () if fault.retry_after is None else (("retry-after", str(fault.retry_after)),)
            return _answer(start, f"{fault.status} Scripted", b"<html></html>", *wait)
        if fault.does == "forget":
            self._jobs.clear()
            self._ids.clear()
        status, body = self._apply(call, environ)
        if fault.does == "drop_after":
            raise AnswerDropped("the connection died on the way back")
        if fault.does == "slow":
            self._sleep(fault.seconds)
        if fault.does == "malformed":
            body = body[: len(body) // 2]
        if fault.does == "leave_out":
            said = json.loads(body)
            said["results"] = said["results"][: len(said["results"]) // 2]
            body = json.dumps(said).encode()
        return _answer(start, status, body)

    def _apply(self, call: str, environ: WSGIEnvironment) -> tuple[str, bytes]:
        try:
            self._authenticate(environ)
            with self._lock:
                if call == "ask":
                    return "202 Accepted", json.dumps({"id": self._ask(environ)}).encode()
                if call == "account":
                    return "200 OK", json.dumps({"credits": self.credits}).encode()
                return "200 OK", json.dumps(self._state(environ["PATH_INFO"])).encode()
        except Refusal as refusal:
            return refusal.status, refusal.body

    def _authenticate(self, environ: WSGIEnvironment) -> None:
        if environ.get("HTTP_AUTHORIZATION") != f"Bearer {self._key}":
            raise Refusal("401 Unauthorized", "unknown key")

    def _ask(self, environ: WSGIEnvironment) -> str:
        emails = _emails(environ)
        key = environ.get("HTTP_IDEMPOTENCY_KEY", "")
        if not key:
            raise Refusal("400 Bad Request", "an Idempotency-Key is needed")
        if key in self._ids:
            if self._jobs[self._ids[key]].emails != emails:
                raise Refusal("422 Unprocessable Content", "the key was used for another question")
            return self._ids[key]
        if len(emails) > self.credits:
            raise Refusal("402 Payment Required", "not enough credits")
        self.credits -= len(emails)
        self.charged.update(emails)
        job = self._ids[key] = f"job-{next(self._numbers)}"
        self._jobs[job] = Job(emails, self._clock() + self.processing_seconds)
        return job

    def _state(self, path: str) -> Mapping[str, Any]:
        job = self._jobs.get(path.removeprefix("/v1/bulk/"))
        if job is None:
            raise Refusal("404 Not Found", "there is no such question")
        left = job.ready_at - self._clock()
        if left > 0:
            return {"status": "processing", "retry_after": left}
        said = ((email, *self._know(email)) for email in job.emails)
        results = [dict(zip(("email", "status", "reason"), each, strict=True)) for each in said]
        return {"status": "done", "results": results}


def _emails(environ: WSGIEnvironment) -> tuple[str, ...]:
    try:
        read = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        emails = tuple(json.loads(read)["emails"])
    except (ValueError, KeyError, TypeError):
        raise Refusal("400 Bad Request", "a JSON object with a list of emails is needed") from None
    if not 0 < len(emails) <= MOST:
        raise Refusal("413 Content Too Large", f"between 1 and {MOST} mailboxes are taken")
    return emails


def _answer(
    start: StartResponse, status: str, body: bytes, *headers: tuple[str, str]
) -> Iterable[bytes]:
    kind = ("content-type", "application/json")
    start(status, [kind, *headers, ("content-length", str(len(body)))])
    return [body]
