"""Where accounts of the live API disagree: one switch each, the default as seen live."""

from dataclasses import dataclass, field
from typing import Literal

PERSONAL_DOMAINS = frozenset(
    {
        "aol.com",
        "gmail.com",
        "gmx.com",
        "hotmail.com",
        "icloud.com",
        "live.com",
        "outlook.com",
        "proton.me",
        "protonmail.com",
        "yahoo.com",
    },
)


@dataclass(frozen=True, slots=True)
class Switches:
    """Choose between the accounts; (a) to (k) are the letters of the disagreements."""

    create_status: Literal[200, 201] = 201
    """(a) The status of a created campaign or custom variable: specification 200, live 201."""

    mixed_attach: Literal["refuse", "drop"] = "refuse"
    """(b) Some ids of an attach cannot be added: ``refuse`` answers 422 and adds nobody (seen
    2026-09), ``drop`` answers 200 and leaves those out without a word (seen 2026-08)."""

    last_name_required: bool = False
    """(c) Whether a lead needs a last name: the specification says so, live does not ask."""

    users_workspace_key: Literal["workspace", "team"] = "workspace"
    """(d) The key of ``GET /api/users`` that holds the workspace: live ``workspace``."""

    status_case: Literal["lower", "title"] = "lower"
    """(e) How a campaign's status is written: live ``active``, specification ``Active``."""

    per_page: Literal["ignored", "honoured"] = "ignored"
    """(f) Whether ``per_page`` changes the 15 rows of a page; most live routes ignore it."""

    personal_domains: Literal["skip", "accept"] = "skip"
    """(g) Leads at free mail providers: left out of a 2xx answer, or taken. Per instance."""

    over_limit: Literal["refuse", "truncate", "fail"] = "refuse"
    """(h) More than 500 leads: 422 (live), the first 500 taken in silence, or a bare 500."""

    taken_wrapper: Literal["validation", "business"] = "validation"
    """(i) The envelope of "already been taken": ``{message, errors}`` or ``{data: {success}}``."""

    unauthenticated_body: Literal["message", "wrapped"] = "message"
    """(j) The body of a 401, which nobody has recorded: Laravel's own, or the wrapped one."""

    pagination: Literal["length", "cursor"] = "length"
    """(k) Whether ``pagination_type=cursor`` is understood (``cursor``) or ignored (``length``)."""

    invalid_rows: Literal["indexed", "unindexed", "skip"] = "indexed"
    """One invalid lead in a chunk: the chunk is refused and the rows are named
    (``leads.3.email``), refused without naming them, or only those rows are left out of a 2xx.
    Inferred: the answer of create-or-update to an invalid row was not recorded."""

    missing_variable_status: Literal[422, 400] = 422
    """A custom variable the workspace does not have: 422 by most accounts, 400 by one."""

    search_miss: Literal["everything", "nothing"] = "everything"
    """A search term with an ``@`` that matches no lead: every lead (seen 2026-05), or none."""

    active_total: Literal["lags", "immediate"] = "lags"
    """``total_leads`` of an active campaign grows at the next five-minute sync (here:
    ``sync_campaigns()``) or at once. The list of its leads shows them at once (inferred)."""

    answers: Literal["live", "slim"] = "live"
    """Lead objects as large as the live API's, or ``{id, email, status}`` only (for benchmarks
    that compare with figures of small answers; no live instance does this)."""

    personal_domain_list: frozenset[str] = field(default=PERSONAL_DOMAINS)
    """The domains that count as personal; the live list is not published."""

    campaign_leads: int = 50_000
    """How many leads a campaign holds at most (vendor documentation); the wording of the
    refusal is inferred."""
