"""Importing any module of ours leaves the world as it was."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, python_files

# Python tells its audit hooks what it is about to do, whoever does it: a module that writes,
# connects, listens or starts something while it is imported shows here.
WITNESS = """
import importlib, os, sys

DEEDS = {
    "socket.connect", "socket.bind", "socket.getaddrinfo", "sqlite3.connect", "subprocess.Popen",
    "os.system", "os.fork", "os.posix_spawn", "os.mkdir", "os.remove", "os.rename", "os.putenv",
}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT

def tell(deed):
    os.write(2, f"importing {module}: {deed}\\n".encode())
    os._exit(1)

def witness(event, arguments):
    writes = event == "open" and arguments[0] != os.devnull and arguments[2] & WRITING
    if writes or event in DEEDS:
        tell(f"{event} {arguments}")

module = None
sys.addaudithook(witness)
for module in sys.argv[1:]:
    importlib.import_module(module)
    if len(sys._current_frames()) > 1:
        tell("a thread runs")
"""


def deeds_of_importing(modules: Sequence[str], directory: Path) -> str:
    """Import the modules from `directory` in a fresh interpreter; tell what the first one did."""
    return subprocess.run(
        [sys.executable, "-B", "-c", WITNESS, *modules],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    ).stderr


def shipped_modules() -> Sequence[str]:
    """Name every module a user may import; alembic runs its migrations as scripts."""
    return [
        ".".join(path.with_suffix("").parts).removesuffix(".__init__")
        for path in python_files(
            "maverick_core", "maverick_adapters", "maverick_runners", "maverick_http"
        )
        if path.name != "__main__.py" and "migrations" not in path.parts
    ]


def test_importing_any_module_does_nothing() -> None:
    assert not deeds_of_importing(shipped_modules(), ROOT)


@pytest.mark.parametrize(
    "deed",
    [
        "open('made', 'w')",
        "import socket; socket.create_server(('127.0.0.1', 0))",
        "import sqlite3; sqlite3.connect('made')",
        "import threading as t; t.Thread(target=t.Event().wait, daemon=True).start()",
    ],
)
def test_a_module_that_does_something_is_seen(deed: str, tmp_path: Path) -> None:
    """The check can fail: these are what it is for."""
    (tmp_path / "planted.py").write_text(deed)

    assert deeds_of_importing(["planted"], tmp_path).startswith("importing planted: ")
    assert not (tmp_path / "made").exists()
