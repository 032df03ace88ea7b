"""One spelling for one mailbox: the normalisation that every key in the system is built on.

Done here and nowhere else. SQL's ``lower()`` differs between engines (SQLite leaves ``É`` alone,
PostgreSQL and Python disagree on ``İ``), so databases only compare what this module returned.

The rules: Unicode NFC, outer white space removed, lower case on both sides of the ``@`` (Email
Bison compares so), the domain in its ASCII form (IDNA). Plus-tags stay: ``a+b@x.test`` is its own
mailbox. The check is the cheap one that a hot path affords: it refuses what no mail system accepts.
Whether a mailbox exists is for verification to say.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from maverick_core.kernel.errors import Rejected

MAX_EMAIL: Final = 254  # RFC 5321 4.5.3.1.3, less the angle brackets
MAX_LOCAL: Final = 64  # RFC 5321 4.5.3.1.1
MAX_LABEL: Final = 63  # RFC 1035 2.3.4

# What nearly every address looks like. Everything else takes the slow road below.
_PLAIN = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]",
    re.ASCII,
)
_ENOUGH_TO_PARSE: Final = 1024  # a longer text is refused before any work is spent on it


class BadEmail(Rejected):
    """The text is not an e-mail address that mail could be sent to; ``code`` says why."""


def normalise_email(text: str) -> str:
    """Return the one spelling of the address in ``text``.

    Normalising what was normalised changes nothing.

    Raises:
        BadEmail: ``email_missing``, ``email_too_long``, ``email_bad_character`` or
            ``email_bad_syntax``.

    """
    if len(text) > _ENOUGH_TO_PARSE:
        raise BadEmail("The e-mail is far too long.", code="email_too_long")
    plain = text.strip().lower()
    if len(plain) <= MAX_LOCAL and _PLAIN.fullmatch(plain):
        return plain
    return _normalise_with_care(text)


def _normalise_with_care(text: str) -> str:
    address = unicodedata.normalize("NFC", text.strip())
    if not address:
        raise BadEmail("There is no e-mail.", code="email_missing")
    if any(unicodedata.category(char) in _FORBIDDEN for char in address):
        raise BadEmail(
            "The e-mail holds an invisible, control or white-space character.",
            code="email_bad_character",
        )
    local, at, domain = address.rpartition("@")
    if not at or not local or not domain:
        raise BadEmail("The e-mail lacks a name, an @ or a domain.", code="email_bad_syntax")
    # Lower-casing can leave a decomposed letter behind, which NFC then has to join again.
    local = unicodedata.normalize("NFC", local.lower())
    result = f"{local}@{_ascii_domain(domain)}"
    if len(result) > MAX_EMAIL or len(local) > MAX_LOCAL:
        raise BadEmail("The e-mail is longer than mail systems allow.", code="email_too_long")
    if not _PLAIN.fullmatch(result):
        raise BadEmail(
            "The e-mail is not written as name@domain.tld with the characters mail allows.",
            code="email_bad_syntax",
        )
    return result


# Control, format (zero width, right-to-left marks), surrogate, private use, unassigned, separators.
_FORBIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"})


def _ascii_domain(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise BadEmail("The e-mail's domain cannot be written.", code="email_bad_syntax") from error
