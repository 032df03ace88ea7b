"""Run the stub: ``python -m contracts.verifier.stub --port 8035``."""

import argparse
import signal
import sys
from collections.abc import Sequence
from threading import Event

from contracts.verifier.stub import VerifierStub, serve


def main(
    arguments: Sequence[str] | None = None, *, program: str = "python -m contracts.verifier.stub"
) -> None:
    """Serve until SIGINT or SIGTERM; the first line on stdout is the URL."""
    about = "A made-up verification provider; a mailbox's name says what becomes of it."
    parser = argparse.ArgumentParser(prog=program, description=about)
    parser.add_argument("--port", type=int, default=0, help="0 (default) finds a free one")
    parser.add_argument("--key", default="vk-stub", help="the key of the account")
    parser.add_argument("--credits", type=int, default=1_000_000, help="mailboxes it pays for")
    parser.add_argument("--processing", type=float, default=0.0, help="seconds for each question")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds for each call")
    chosen = parser.parse_args(arguments)

    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stub = VerifierStub(
        key=chosen.key,
        credit=chosen.credits,
        processing_seconds=chosen.processing,
        latency_seconds=chosen.latency,
    )
    with serve(stub, chosen.port) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        stop.wait()


if __name__ == "__main__":
    main()
