"""Puts on record what commands change, under the name of who types them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from maverick_core.access.rules import Action
from maverick_runners.cli.session import who

if TYPE_CHECKING:
    from maverick_adapters.container import Wired


def audited(
    wired: Wired, action: Action, subject: str, *, slug: str | None = None, detail: str = ""
) -> AbstractContextManager[None]:
    """Make the change inside the block; see ``AuditChange``. Every command that changes does."""
    return wired.audit_change(action, subject, actor=f"cli:{who()}", slug=slug, detail=detail)
