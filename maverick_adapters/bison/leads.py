"""Pushes leads: one chunk, one request, and which of them the answer names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeGuard

from maverick_adapters.bison import wire
from maverick_adapters.bison.line import Line
from maverick_adapters.bison.variables import CustomVariables
from maverick_core.pipeline.lead import Lead
from maverick_core.pipeline.upload.answers import (
    Accepted,
    Lost,
    Misconfigured,
    PushAnswer,
    Refused,
)

MOST_LEADS: Final = 500  # of one request (specification)
UPSERT: Final = "/api/leads/create-or-update/multiple"
CREATE: Final = "/api/leads/multiple"
PATCH: Final = "patch"


def push(
    line: Line, leads: Sequence[Lead], variables: CustomVariables, *, create_only: bool
) -> PushAnswer:
    """Send ``leads`` by the upsert route, or by the one that refuses leads that exist."""
    if not leads:
        return Accepted(())
    if len(leads) > MOST_LEADS:  # some instances would take the first 500 without a word
        return Misconfigured("too_many_leads", f"At most {MOST_LEADS} leads go into one request.")
    rows, names = wire.lead_rows(leads)
    path = CREATE if create_only else UPSERT
    body = wire.LeadsBody(rows, None if create_only else PATCH)

    def send() -> PushAnswer:
        if in_the_way := variables.ensure(line, names):
            return in_the_way
        return line.post(path, body, lambda answer: _taken(leads, answer))

    answer = send()
    if _lacks_variable(answer):
        variables.forget()
        answer = send()
    if _lacks_variable(answer):
        return Misconfigured("custom_variable_missing", answer.detail)
    return answer


def _lacks_variable(answer: PushAnswer) -> TypeGuard[Refused]:
    return isinstance(answer, Refused) and "not have a custom variable" in answer.detail


def _taken(leads: Sequence[Lead], body: bytes) -> Accepted | Lost:
    """Match rows to leads by e-mail. A lead without a row was skipped, without a word."""
    rows = wire.decode(wire.TakenLeads, body).data
    ids = {row.email.lower(): row.id for row in rows}
    found = [ids.get(lead.email.lower()) for lead in leads]
    if None in found and not ids.keys() <= {lead.email.lower() for lead in leads}:
        return Lost("Email Bison's answer names leads that were not sent, and not all that were.")
    return Accepted(found)
