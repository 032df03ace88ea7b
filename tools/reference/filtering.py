"""The page of the codes that a raw contact is filtered with."""

from __future__ import annotations

from maverick_core.pipeline.filtering.codes import KEPT, WORDS, FilterCode
from maverick_core.pipeline.filtering.mailboxes import FREE_MAIL_DOMAINS, ROLE_ACCOUNTS
from maverick_core.pipeline.filtering.rule_set import RuleSet, as_plain
from tools.reference.markdown import code, document, table

_CODES = f"""
Every raw contact ends {code(KEPT)} or with the first of these codes that applies, in this order.
[Filter contacts](../how-to/filter-contacts.md) says how to see them and how to set the rules.
"""

_ORDER = """
Whether a mailbox must not be written to is told before any other reason but that there is none.
Duplicates are told last, so the order of rows never decides which mailboxes are kept: a good row
behind a bad one of the same mailbox is found. Of several good ones in a page the most complete is
kept, the one further up if they are equal; what an earlier page kept stays.
"""

_RULES = """
What a workspace may decide, with what holds where nobody did. `"filter"` and `"keep"` say what
becomes of contacts that the rule is about; empty lists restrict nothing.
"""

_ABOUT = {
    "role_accounts": "mailboxes of functions, such as info@ and sales@",
    "disposable_domains": "domains that give mailboxes for a moment",
    "personal_domains": "domains of free mail providers, which Email Bison skips anyway",
    "other_workspaces": "mailboxes that another workspace has",
    "states": "the states and territories that the client works in, by any of their names",
    "unknown_state": "contacts without a readable state, where states are restricted",
    "lines_of_business": "the lines of business that the client works in",
    "unknown_line_of_business": "contacts without one, where they are restricted",
    "blocked_words": "words, or several in a row, not wanted in name, title or company",
}


def page() -> str:
    """Return the page."""
    rows = [(code(each), WORDS[each].meaning, WORDS[each].change) for each in FilterCode]
    rules = [
        (code(name), _ABOUT[name], _said(value)) for name, value in as_plain(RuleSet()).items()
    ]
    lists = (
        f"Our own lists name {len(ROLE_ACCOUNTS)} functions and {len(FREE_MAIL_DOMAINS)} providers."
    )
    return document(
        "Filter codes",
        _CODES,
        table(("code", "what it means", "what would change it"), rows),
        "## The order",
        _ORDER,
        "## Rules",
        _RULES,
        table(("rule", "about", "default"), rules),
        lists,
    )


def _said(value: object) -> str:
    return code(f'"{value}"' if isinstance(value, str) else "[]")
