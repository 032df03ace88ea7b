"""Run the stub: ``python -m contracts.bison.stub --port 8025``."""

import argparse
import gc
import signal
import sys
from collections.abc import Sequence
from threading import Event

from contracts.bison.stub import BisonStub, Fault, Switches, serve


def main(
    arguments: Sequence[str] | None = None, *, program: str = "python -m contracts.bison.stub"
) -> None:
    """Serve until SIGINT or SIGTERM; the first line on stdout is the URL."""
    chosen = _parser(program).parse_args(arguments)
    switches = Switches(
        personal_domains=chosen.personal_domains,
        answers="slim" if chosen.slim else "live",
    )
    stub = BisonStub(
        switches,
        seed=chosen.seed,
        requests_per_minute=chosen.requests_per_minute,
        accounting=not chosen.no_accounting,
    )
    for workspace in chosen.workspace or ["Demo=1|demo"]:
        name, _, token = workspace.partition("=")
        stub.add_workspace(name, token, variables=chosen.variable)
    if chosen.latency:
        stub.script(Fault("latency", path="/api/*", seconds=chosen.latency))

    # Millions of small records and hardly a cycle: at the default thresholds the collector costs
    # half as much again as everything else together.
    gc.set_threshold(100_000, 50, 1000)
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with serve(stub, chosen.port) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        stop.wait()


def _parser(program: str) -> argparse.ArgumentParser:
    about = "An Email Bison to try things on, on this machine."
    parser = argparse.ArgumentParser(prog=program, description=about)
    parser.add_argument("--port", type=int, default=0, help="0 (default) finds a free one")
    parser.add_argument(
        "--workspace",
        action="append",
        metavar="NAME=TOKEN",
        help="may be repeated; default Demo=1|demo",
    )
    parser.add_argument(
        "--variable",
        action="append",
        default=[],
        help="a custom variable of every workspace; may be repeated",
    )
    parser.add_argument("--latency", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--requests-per-minute", type=int, help="of each token; default no limit")
    parser.add_argument("--personal-domains", choices=("skip", "accept"), default="skip")
    parser.add_argument("--slim", action="store_true", help="answer 79 bytes a lead, not 679")
    parser.add_argument("--no-accounting", action="store_true", help="count requests only")
    parser.add_argument("--seed", type=int, default=0)
    return parser


if __name__ == "__main__":
    main()
