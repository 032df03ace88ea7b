"""Which verifier the settings name, and how it is used."""

from __future__ import annotations

from maverick_adapters.settings import Settings
from maverick_adapters.verifiers.http import HttpVerifier
from maverick_adapters.verifiers.local import LocalVerifier
from maverick_adapters.verifiers.mail_servers import MailServers
from maverick_core.kernel.errors import Rejected
from maverick_core.pipeline.filtering.ports import DisposableDomains
from maverick_core.pipeline.verification.asking import VerificationTerms


def chosen_verifier(settings: Settings, domains: DisposableDomains) -> HttpVerifier | LocalVerifier:
    """Return the verifier; nothing is opened yet.

    Raises:
        Rejected: ``verifier_unset``, ``bad_verifier_url`` or ``bad_dns_servers``.

    """
    if settings.verifier == "local":
        servers = [each.strip() for each in settings.dns_servers.split(",")]
        return LocalVerifier(MailServers([each for each in servers if each]), domains)
    key = settings.verifier_key.get_secret_value() if settings.verifier_key else ""
    if not (key and settings.verifier_url):
        raise Rejected(
            "MAVERICK_VERIFIER is http, and MAVERICK_VERIFIER_URL or MAVERICK_VERIFIER_KEY is not "
            "set.",
            code="verifier_unset",
            remedy="Set both, or leave MAVERICK_VERIFIER out to ask nobody but the DNS.",
        )
    return HttpVerifier(settings.verifier_url, key)


def chosen_terms(settings: Settings) -> VerificationTerms:
    """Return how much it is asked at a time, and in a day."""
    return VerificationTerms(
        question=settings.verifier_question_size, daily_limit=settings.verifier_daily_budget
    )
