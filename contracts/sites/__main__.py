"""Run the example sites: ``python -m contracts.sites --port 8030``."""

import argparse
import signal
import sys
from collections.abc import Sequence
from threading import Event

from contracts.sites.app import ExampleSites, serve


def main(
    arguments: Sequence[str] | None = None, *, program: str = "python -m contracts.sites"
) -> None:
    """Serve until SIGINT or SIGTERM; the first line on stdout is the URL."""
    about = "Made-up sites to try sources on: /directory, /api/agents and /agencies."
    parser = argparse.ArgumentParser(prog=program, description=about)
    parser.add_argument("--port", type=int, default=0, help="0 (default) finds a free one")
    parser.add_argument("--pages", type=int, default=3, help="pages of each site")
    parser.add_argument("--people", type=int, default=10, help="people on each page")
    chosen = parser.parse_args(arguments)

    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with serve(ExampleSites(pages=chosen.pages, people=chosen.people), chosen.port) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        stop.wait()


if __name__ == "__main__":
    main()
