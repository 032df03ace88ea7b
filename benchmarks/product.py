"""The product, as one process runs it: plan every workspace, upload until quiet.

python -m benchmarks.product DATABASE BISON SECRET_KEY
"""

from __future__ import annotations

import sys

from sqlalchemy import func, select

from benchmarks.child import Stopwatch, report
from maverick_adapters.container import Wired, wire
from maverick_adapters.settings import load_settings
from maverick_adapters.sql import open_engine
from maverick_adapters.sql.tables import outcomes
from maverick_core.kernel.time import Month
from maverick_runners.embedded import embedded

NO_PACE = 1_000_000  # requests a minute: the raw stub takes what comes, on both sides


def counted(wired: Wired) -> int:
    """Return the contacts that count against the targets."""
    now = wired.clock.now()
    return sum(
        wired.store.account(workspace.id, Month.of(now, workspace.zone)).uploaded
        for workspace in wired.store.workspaces()
    )


def recorded(address: str) -> int:
    """Return the outcomes on record that say the contact was taken."""
    engine = open_engine(address, pool_size=1)
    query = select(func.count()).where(outcomes.c.outcome == "accepted")
    with engine.connect() as connection:
        count: int = connection.execute(query).scalar_one()
    engine.dispose()
    return count


def main() -> None:
    address, bison, key = sys.argv[1:]
    settings = load_settings(
        _env_file=None,
        database_url=address,
        bison_url=bison,
        secret_key=key,
        bison_requests_per_minute=NO_PACE,
    )
    with wire(settings) as wired, embedded(wired) as uploads:
        with Stopwatch() as watch:
            for workspace in wired.store.workspaces():
                wired.plan_batches(workspace.slug)
            planned = watch.seconds
            uploads.run()
        count = counted(wired)
    report(watch, plan_seconds=planned, recorded=recorded(address), counted=count)


if __name__ == "__main__":
    main()
