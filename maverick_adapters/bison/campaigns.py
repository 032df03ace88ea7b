"""Puts leads into a campaign, and finds out which of them it really has.

The attach route answers without counts, and some instances leave out leads that are in other
sequences, have bounced or have unsubscribed without saying so. What tells is the lead itself: it
carries its campaigns. Asking for each would take a request a lead; an upsert of the same leads,
which changes nothing, shows 500 of them at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from maverick_adapters.bison import wire
from maverick_adapters.bison.complaints import Complaint, read_complaint
from maverick_adapters.bison.leads import PATCH, UPSERT
from maverick_adapters.bison.line import Line
from maverick_adapters.bison.words import plain
from maverick_core.pipeline.lead import Lead
from maverick_core.pipeline.upload.answers import (
    AttachAnswer,
    Attached,
    Misconfigured,
    Refused,
)

_GONE: Final = Misconfigured(
    "campaign_missing", "Email Bison does not have the campaign: it was deleted, or never was."
)


def attach(
    line: Line, campaign_id: int, leads: Sequence[Lead], lead_ids: Sequence[int], *, confirm: bool
) -> AttachAnswer:
    """Attach, then look which leads the campaign has if ``confirm`` says so.

    A 200 that says ``success: false`` counts as a refusal here, as it does on the API's other
    campaign routes: attaching twice does no harm, so the parts can be tried.
    """
    if not lead_ids:
        return Attached()
    path = f"/api/campaigns/{campaign_id}/leads/attach-leads"
    answer = line.post(path, wire.AttachBody(list(lead_ids)), _verdict, missing=_GONE)
    if not isinstance(answer, Complaint):
        return answer
    if not answer.success:
        return Refused(plain(answer.message, token=line.token) or "Refused without a reason.")
    return _confirmed(line, campaign_id, leads) if confirm else Attached()


def _verdict(body: bytes) -> Complaint:
    verdict = read_complaint(body)
    if verdict.success is None:
        raise wire.NotUnderstood
    return verdict


def _confirmed(line: Line, campaign_id: int, leads: Sequence[Lead]) -> AttachAnswer:
    """Say which leads the campaign does not have.

    If it is shown on none of them, the instance does not show campaigns here, or not yet (active
    campaigns are synced every five minutes): then the attach is believed. That all were left out
    would have been a refusal.
    """
    rows = [wire.LeadRow(lead.email, lead.first_name, lead.last_name or None) for lead in leads]
    answer = line.post(UPSERT, wire.LeadsBody(rows, PATCH), _placed)
    if isinstance(answer, Refused):
        return Attached()  # it is the question that is refused; the leads are attached
    if not isinstance(answer, wire.PlacedLeads):
        return answer
    there = {row.email.lower(): row.is_in(campaign_id) for row in answer.data}
    if not any(there.values()):
        return Attached()
    return Attached(
        [index for index, lead in enumerate(leads) if not there.get(lead.email.lower(), True)]
    )


def _placed(body: bytes) -> wire.PlacedLeads:
    return wire.decode(wire.PlacedLeads, body)
