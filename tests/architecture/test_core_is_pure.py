"""`maverick_core` imports the values of the standard library, and itself."""

import ast
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, parsed, python_files

# Values and pure functions. What is absent reads a clock, draws lots, starts threads or touches
# the world outside; a module joins this list when it does none of these.
VALUES = frozenset(
    {
        "__future__", "abc", "base64", "binascii", "bisect", "calendar", "codecs", "collections",
        "contextlib", "copy", "csv", "dataclasses", "datetime", "decimal", "difflib", "enum",
        "fractions", "functools", "graphlib", "hashlib", "heapq", "hmac", "html", "io", "ipaddress",
        "itertools", "json", "keyword", "math", "numbers", "operator", "re", "statistics", "string",
        "struct", "textwrap", "types", "typing", "unicodedata", "urllib.parse", "zoneinfo",
    }
)  # fmt: skip

# Built-in doors to the outside that need no import.
DOORS = frozenset({"open", "input", "print", "exec", "eval", "__import__", "breakpoint"})


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module


def is_pure(module: str) -> bool:
    package = module.partition(".")[0]
    return package == "maverick_core" or package in VALUES or module in VALUES


def impurities(path: Path) -> Sequence[str]:
    tree = parsed(path)
    imports = [f"{path} imports {name}" for name in imported(tree) if not is_pure(name)]
    calls = [
        f"{path}:{node.lineno} calls {node.func.id}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in DOORS
    ]
    return imports + calls


def test_the_core_imports_values_only() -> None:
    found = [fault for path in python_files("maverick_core") for fault in impurities(path)]

    assert not found, "\n".join(found)


@pytest.mark.parametrize("module", ["os", "random", "time", "sqlalchemy", "urllib.request"])
def test_a_module_that_reaches_outside_is_no_value(module: str) -> None:
    """The check can fail: these are what it is for."""
    assert not is_pure(module)


def test_the_core_needs_no_package_but_itself() -> None:
    """Every module of it loads in an interpreter that has no site-packages."""
    script = (
        "import importlib, pkgutil, sys; sys.path.insert(0, sys.argv[1]); import maverick_core\n"
        "for found in pkgutil.walk_packages(maverick_core.__path__, 'maverick_core.'):\n"
        "    importlib.import_module(found.name)"
    )
    load = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", script, ROOT],
        capture_output=True,
        text=True,
        check=False,
    )

    assert load.returncode == 0, load.stderr


def test_importing_the_core_is_light() -> None:
    """A library user pays for no event loop, no socket and no process machinery."""
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); import maverick_core; print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", script, ROOT],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    heavy = {"asyncio", "logging", "multiprocessing", "socket", "sqlite3", "ssl", "subprocess"}
    assert heavy.isdisjoint(loaded)
