"""Who is asked about mailboxes: this machine by itself, or a provider over HTTP."""

from maverick_adapters.verifiers.chosen import chosen_terms, chosen_verifier
from maverick_adapters.verifiers.http import HttpVerifier
from maverick_adapters.verifiers.local import LocalVerifier
from maverick_adapters.verifiers.mail_servers import MailServers

__all__ = ["HttpVerifier", "LocalVerifier", "MailServers", "chosen_terms", "chosen_verifier"]
