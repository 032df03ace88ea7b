"""Nothing in the tree names the machine it was written on, and nothing is mocked."""

import os
import re
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.architecture.tree import ROOT, project_files

# Someone's home, a package index of one's own, an address of a private network.
MACHINE = re.compile(
    r"(?<![\w.])/(?:root|home/[a-z]\w*|Users/[A-Za-z]\w*)/\w"
    r"|--(?:extra-)?index-url|--find-links|--trusted-host"
    r"|\b(?:10\.\d+|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d+\.\d+\b"
)
MOCK = re.compile(r"\b(?:from|import) unittest\.mock|\bmocker\b|\b(?:Magic|Async)Mock\b")


def names_of_this_machine() -> Iterator[str]:
    """Yield what only this machine could have put into a file."""
    for path in (ROOT, Path.home(), Path(sysconfig.get_path("purelib"))):
        if len(path.parts) > 2:  # `/app` or `/root` may be meant
            yield str(path)
    for name, value in os.environ.items():
        if name.endswith(("INDEX_URL", "_PROXY", "_proxy")) and (host := urlsplit(value).hostname):
            yield host


def texts() -> Iterator[tuple[Path, str]]:
    for path in project_files():
        content = (ROOT / path).read_bytes()
        if path != Path(__file__).relative_to(ROOT) and b"\0" not in content:
            yield path, content.decode(errors="replace")


def test_no_file_names_a_machine() -> None:
    here = re.compile("|".join(map(re.escape, names_of_this_machine())) or r"(?!)")
    found = [
        f"{path}: {match.group()}"
        for path, text in texts()
        for pattern in (MACHINE, here)
        for match in pattern.finditer(text)
    ]

    assert not found, "\n".join(found)


def test_nothing_is_mocked() -> None:
    found = [str(path) for path, text in texts() if path.suffix == ".py" and MOCK.search(text)]

    assert not found, found


@pytest.mark.parametrize(
    "text", ["see /home/anna/src", "pip install --index-url x", "http://10.1.2.3:80/"]
)
def test_a_machine_is_recognised(text: str) -> None:
    """The check can fail: these are what it is for."""
    assert MACHINE.search(text)


@pytest.mark.parametrize(
    "text", ["GET /homepage", "127.0.0.1", "var/" + "root/x", "version 10.1.2"]
)
def test_what_is_no_machine_is_left_alone(text: str) -> None:
    assert not MACHINE.search(text)
