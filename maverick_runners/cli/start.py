"""``maverick init`` and ``maverick version``."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version as installed
from pathlib import Path

from maverick_core.kernel.errors import Conflict
from maverick_runners.cli.output import Form, Output, print_json, say


def init(output: Output = Form.TABLE) -> None:
    """Write a .env with every setting explained and a fresh secret key."""
    from maverick_adapters.settings import env_example
    from maverick_adapters.vault import Vault

    path = Path(".env")
    text = env_example().replace("#MAVERICK_SECRET_KEY=", f"MAVERICK_SECRET_KEY={Vault.new_key()}")
    try:
        # Only for the owner from the first byte on: it holds the key.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Conflict(
            "There is a .env here already; it was left alone.",
            code="env_exists",
            remedy="Move it away first if you want a new one. Keep its MAVERICK_SECRET_KEY: "
            "stored tokens cannot be read without it.",
        ) from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    if output is Form.JSON:
        print_json({"wrote": str(path.absolute())})
    say("Wrote .env. Keep its MAVERICK_SECRET_KEY safe: stored tokens need it.")


def version(output: Output = Form.TABLE) -> None:
    """Print the versions of Maverick and of Python."""
    ours, pythons = installed("maverick"), platform.python_version()
    if output is Form.JSON:
        print_json({"maverick": ours, "python": pythons})
    else:
        print(f"maverick {ours}, Python {pythons}")  # noqa: T201
