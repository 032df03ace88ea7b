"""The stages that contacts pass, from where they are found to Email Bison."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """The stages, in the order in which contacts pass them."""

    SCRAPING = "scraping"
    """Take the pages of sources that never ran, or whose run is not over."""
    IMPORT = "import"
    """Go on with imports of lists that wait for a worker."""
    FILTERING = "filtering"
    """Judge raw contacts."""
    VERIFICATION = "verification"
    """Find out which candidates can be mailed."""
    BATCHING = "batching"
    """Plan the present month, where a target has room."""
    UPLOAD = "upload"
    """Upload batches."""
