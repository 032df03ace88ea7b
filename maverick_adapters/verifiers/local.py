"""What can be known of mailboxes without asking for them: syntax, domain, lists."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from email_validator import EmailNotValidError, validate_email

from maverick_adapters.verifiers.mail_servers import Mail, MailServers
from maverick_core.kernel.errors import Unavailable
from maverick_core.pipeline.filtering.mailboxes import is_role_account
from maverick_core.pipeline.filtering.ports import DisposableDomains
from maverick_core.pipeline.verification.ports import Answer, AskAnswer, Forgotten, Found, NoAnswer
from maverick_core.pipeline.verification.rules import domain_of
from maverick_core.pipeline.verification.verdicts import Finding, Reason, Verdict
from maverick_core.retry import Trouble

_BY_MAIL: Final[Mapping[Mail, tuple[Verdict, Reason]]] = MappingProxyType(
    {
        Mail.NONE: (Verdict.INVALID, Reason.NO_MAIL_SERVER),
        Mail.NO_DOMAIN: (Verdict.INVALID, Reason.NO_SUCH_DOMAIN),
        Mail.UNKNOWN: (Verdict.UNKNOWN, Reason.NO_ANSWER),
    }
)


class LocalVerifier:
    """Satisfies ``Verifier`` with what this machine can find out; answers at once, for nothing.

    The mailbox itself is asked of nobody: servers take that for an attack, and many lie. So the
    best that it says is ``risky`` (``mailbox_unchecked``), and each workspace's policy decides.
    """

    name = "local"

    def __init__(self, servers: MailServers, domains: DisposableDomains) -> None:
        """Ask ``servers`` for domains, and nobody for those that are listed as disposable."""
        self._servers = servers
        self._domains = domains

    def ask(self, key: str, emails: Sequence[str]) -> AskAnswer:
        """Find out; see ``Verifier.ask``. There is nothing to be paid twice, whatever the key."""
        del key
        written = {email: _is_syntax(email) for email in emails}
        domains = {domain_of(email) for email, good in written.items() if good}
        listed = self._domains.disposable_list()  # what fails here is ours, not the DNS
        thrown_away = {domain for domain in domains if listed.covers(domain)}
        try:
            mail = self._servers.look(domains - thrown_away)
        except Unavailable as error:
            return NoAnswer(Trouble.UNAVAILABLE, str(error))
        return Found(
            [
                Finding(email, *(_judge(email, mail, thrown_away) if good else _BAD_SYNTAX))
                for email, good in written.items()
            ]
        )

    def answer(self, reference: str) -> Answer:
        """Know of no question: all are answered at once."""
        del reference
        return Forgotten()

    def introduce(self) -> str:
        """Say which DNS servers are asked; see ``Verifier.introduce``."""
        return f"this machine itself, with the DNS of {self._servers.introduce()}"

    def close(self) -> None:
        """Do nothing: nothing is kept open."""


def _judge(
    email: str, mail: Mapping[str, Mail], thrown_away: Collection[str]
) -> tuple[Verdict, Reason]:
    domain = domain_of(email)
    if domain in thrown_away:
        return Verdict.RISKY, Reason.DISPOSABLE
    if (found := mail[domain]) is not Mail.TAKEN:
        return _BY_MAIL[found]
    if is_role_account(email.rpartition("@")[0]):
        return Verdict.RISKY, Reason.ROLE
    return Verdict.RISKY, Reason.MAILBOX_UNCHECKED


_BAD_SYNTAX: Final = (Verdict.INVALID, Reason.BAD_SYNTAX)


def _is_syntax(email: str) -> bool:
    """Say whether it can be an address, by the whole of the rules.

    What is meant for tests is for the DNS to judge: it does not exist there.
    """
    try:
        validate_email(
            email,
            check_deliverability=False,
            allow_smtputf8=False,
            strict=True,
            test_environment=True,
        )
    except EmailNotValidError:
        return False
    return True
