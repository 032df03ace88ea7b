"""``python -m maverick_runners.server``: HTTP under gunicorn, as the supervisor starts it.

Gunicorn finds the facade by its name, so that nothing here imports it.
"""

from __future__ import annotations

import os
import socket
import sys
from typing import Final

from maverick_adapters.logs import configure_logs
from maverick_adapters.settings import Settings, load_settings
from maverick_core.kernel.errors import Unavailable
from maverick_runners.counters import counters_directory
from maverick_runners.lifeline import die_with_parent
from maverick_runners.prefix import name_lines
from maverick_runners.supervisor import Program

APPLICATION: Final = "maverick_http.wsgi:application()"
_HOOKS: Final = "python:maverick_http.hooks"


def program(settings: Settings) -> Program:
    """Return the server that the settings describe as a program, for a supervisor here."""
    place = (settings.http_host, str(settings.http_port))
    size = (str(settings.http_workers), str(settings.http_threads))
    module = "maverick_runners.server"
    return Program("http", [sys.executable, "-m", module, *place, *size, str(os.getpid())])


def require_port(host: str, port: int) -> None:
    """Make sure that the address is free, before anything is started that needs it.

    Raises:
        Unavailable: ``port_taken`` or ``bad_http_host``.

    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror:
        raise Unavailable(
            f"There is no address {host!r} to listen on.",
            code="bad_http_host",
            remedy="Choose one of this machine with --host, for example 127.0.0.1.",
        ) from None
    except OSError as error:
        raise Unavailable(
            f"Nothing can listen on {host}:{port}: {error.strerror}.",
            code="port_taken",
            remedy="End what listens there, or choose another port with --port.",
        ) from None


def main() -> None:
    """Run the server that the arguments describe until it is asked to stop."""
    host, port, workers, threads, supervisor = sys.argv[1:]
    die_with_parent(int(supervisor))
    name_lines("http")
    settings = load_settings()
    configure_logs(level=settings.log_level, form=settings.log_format)
    with counters_directory() as metrics:  # workers are forked in there and leave this way too
        _gunicorn(
            *("--bind", f"[{host}]:{port}" if ":" in host else f"{host}:{port}"),
            *("--worker-class", "gthread", "--workers", workers, "--threads", threads),
            *("--graceful-timeout", str(settings.http_stop_seconds)),
            *("--log-level", settings.log_level.lower()),
            *("--env", f"PROMETHEUS_MULTIPROC_DIR={metrics}"),
        )


def _gunicorn(*arguments: str) -> None:
    from gunicorn.app.wsgiapp import (  # type: ignore[import-untyped]  # noqa: PLC0415 - heavy
        WSGIApplication,
    )

    # Nobody else's configuration is read, no proxy is believed on the scheme (the facade asks its
    # own list about addresses), and no socket in the user's home takes commands.
    fixed = ("--config", _HOOKS, "--forwarded-allow-ips", "", "--no-control-socket")
    sys.argv = ["gunicorn", *fixed, *arguments, APPLICATION]
    WSGIApplication("%(prog)s").run()


if __name__ == "__main__":
    main()
