"""What each fault that decides the answer does with a request."""

from collections.abc import Callable
from typing import NamedTuple

import falcon

from contracts.bison.stub import answers, refusals
from contracts.bison.stub.faults import Fault
from contracts.bison.stub.refusals import Refusal
from contracts.bison.stub.switches import Switches
from contracts.serving import AnswerDropped

Headers = list[tuple[str, str]]


class Answer(NamedTuple):
    """One HTTP answer."""

    status: int
    headers: Headers
    body: bytes

    @property
    def line(self) -> str:
        """The status as WSGI wants it."""
        return str(falcon.code_to_http_status(self.status))


Apply = Callable[[], Answer]
"""Let the routes handle the request: it is applied, and this is the answer."""

Deed = Callable[[Fault, Apply, Switches], Answer]


def answer(body: bytes, status: int = 200, *, kind: str = "application/json") -> Answer:
    """Make an answer."""
    headers = [("content-type", kind), ("content-length", str(len(body)))]
    return Answer(status, headers, body)


def refusal_answer(refusal: Refusal) -> Answer:
    """Make the answer of a refusal."""
    return answer(answers.dump(refusal.body), refusal.status)


def rate_limited(seconds: int | None, *, in_header: bool, in_body: bool) -> Answer:
    """Answer 429; clients read ``Retry-After``, the vendor's page shows ``retry_after``."""
    body: dict[str, object] = {"error": "rate_limited"}
    if seconds is not None and in_body:
        body["retry_after"] = seconds

    limited = answer(answers.dump(body), 429)
    if seconds is not None and in_header:
        limited.headers.append(("retry-after", str(seconds)))
    return limited


def status_answer(status: int, message: str | None, switches: Switches) -> Answer:
    """Answer a bare status with the body the API has for it."""
    if status == 401:
        return refusal_answer(refusals.unauthenticated(switches.unauthenticated_body))
    if status == 403:
        return refusal_answer(refusals.wrong_workspace())
    if status >= 500:
        return answer(answers.dump({"message": message or "Server Error"}), status)
    return refusal_answer(refusals.business(status, message or "The request was refused."))


def _status(fault: Fault, apply: Apply, switches: Switches) -> Answer:
    if fault.applied:
        apply()
    return status_answer(fault.status, fault.message, switches)


def _rate_limited(fault: Fault, _apply: Apply, _switches: Switches) -> Answer:
    return rate_limited(fault.retry_after, in_header=fault.in_header, in_body=fault.in_body)


def _forbidden(_fault: Fault, _apply: Apply, switches: Switches) -> Answer:
    return status_answer(403, None, switches)


def _drop_before(_fault: Fault, _apply: Apply, _switches: Switches) -> Answer:
    raise AnswerDropped("the connection died before the request was applied")


def _drop_after(_fault: Fault, apply: Apply, _switches: Switches) -> Answer:
    apply()
    raise AnswerDropped("the connection died after the request was applied")


def _truncate(_fault: Fault, apply: Apply, _switches: Switches) -> Answer:
    whole = apply()
    return answer(whole.body[: len(whole.body) // 2], whole.status)


def _success_false(fault: Fault, apply: Apply, _switches: Switches) -> Answer:
    if fault.applied:
        apply()
    return refusal_answer(refusals.business(200, fault.message or "Something went wrong."))


def _html(fault: Fault, apply: Apply, _switches: Switches) -> Answer:
    if fault.applied:
        apply()
    page = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
    return answer(page, fault.gateway or 502, kind="text/html")


def _missing_variable(fault: Fault, _apply: Apply, switches: Switches) -> Answer:
    status = switches.missing_variable_status
    return refusal_answer(refusals.missing_variable(fault.variable, status))


def _refuse_attach(fault: Fault, apply: Apply, _switches: Switches) -> Answer:
    if fault.emails:
        return apply()
    return refusal_answer(refusals.business(422, refusals.NONE_ADDED))


DEEDS: dict[str, Deed] = {
    "status": _status,
    "rate_limited": _rate_limited,
    "forbidden": _forbidden,
    "drop_before": _drop_before,
    "drop_after": _drop_after,
    "truncate": _truncate,
    "success_false": _success_false,
    "html": _html,
    "missing_variable": _missing_variable,
    "refuse_attach": _refuse_attach,
}
