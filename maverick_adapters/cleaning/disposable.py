"""Domains of throw-away mailboxes, as the package of that name lists them."""

from __future__ import annotations

from collections.abc import Collection


class PackagedDomains:
    """Satisfies ``DisposableDomains`` with the list that came with the installed package."""

    def disposable_domains(self) -> Collection[str]:
        """Return the list; see ``DisposableDomains.disposable_domains``."""
        from disposable_email_domains import blocklist  # noqa: PLC0415 - ten thousand texts

        return frozenset(blocklist)
