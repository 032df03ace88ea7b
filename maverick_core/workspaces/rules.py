"""What a workspace is and what makes one valid."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from maverick_core.kernel.errors import Conflict, Rejected
from maverick_core.kernel.time import zone

DEFAULT_BATCH_SIZE: Final = 2_500  # contacts; five requests
MAX_BATCH_SIZE: Final = 50_000  # contacts; a campaign of Email Bison holds no more

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)


class Hold(StrEnum):
    """Why no batch of a workspace may be sent now."""

    TOKEN_MISSING = "token_missing"  # noqa: S105 - a state, not a secret
    """No token was stored yet."""
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - a state, not a secret
    """Email Bison refused the stored token; lifted when a tested one replaces it."""


@dataclass(frozen=True, slots=True)
class NewWorkspace:
    """A workspace as somebody asks for it; checked by ``new_workspace``."""

    slug: str
    timezone: str
    batch_size: int
    campaign_id: int | None


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace as it stands. ``hold`` is None when its batches may be sent."""

    id: int
    slug: str
    timezone: str
    batch_size: int
    campaign_id: int | None
    hold: Hold | None

    @property
    def asked(self) -> NewWorkspace:
        """What of it can be changed."""
        return NewWorkspace(self.slug, self.timezone, self.batch_size, self.campaign_id)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone its months and days are counted in."""
        return zone(self.timezone)


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a change of the secret key came to: stored tokens by key id, before and after.

    ``left`` are the workspaces whose token no configured key decrypts.
    """

    current: str
    before: Mapping[str, int]
    after: Mapping[str, int]
    left: tuple[str, ...]

    @property
    def old(self) -> int:
        """Tokens that are not encrypted with the current key yet."""
        return sum(count for key_id, count in self.after.items() if key_id != self.current)


def changed_meanwhile(slug: str) -> Conflict:
    """Return what is said to who would change a workspace that is not as they saw it."""
    return Conflict(
        f"{slug} was changed meanwhile.",
        code="changed_meanwhile",
        remedy="Look at it again, then decide.",
    )


def new_workspace(
    slug: str,
    timezone: str,
    *,
    batch_size: int = DEFAULT_BATCH_SIZE,
    campaign_id: int | None = None,
) -> NewWorkspace:
    """Check what makes a workspace and return it.

    Raises:
        Rejected: the slug, the time zone, the batch size or the campaign cannot be.

    """
    if not _SLUG.fullmatch(slug):
        raise Rejected(
            f"{slug!r} cannot name a workspace.",
            code="bad_slug",
            remedy="Use lower-case letters, digits and hyphens, for example acme-east.",
        )
    if campaign_id is not None and campaign_id < 1:
        raise Rejected(
            f"{campaign_id} is not a campaign id.",
            code="bad_campaign",
            remedy="Take the number from the campaign's page in Email Bison.",
        )
    return NewWorkspace(slug, zone(timezone).key, check_batch_size(batch_size), campaign_id)


def check_batch_size(batch_size: int) -> int:
    """Return ``batch_size`` if a batch may have that many contacts.

    Raises:
        Rejected: it may not.

    """
    if not 1 <= batch_size <= MAX_BATCH_SIZE:
        raise Rejected(
            f"A batch cannot hold {batch_size} contacts.",
            code="bad_batch_size",
            remedy=f"Choose a batch size from 1 to {MAX_BATCH_SIZE:,}.",
        )
    return batch_size
