"""Python in the pages runs, and prints what stands beside the print."""

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import blocks, name, pages_with

_PRINTED = re.compile(r"^\s*print\(.*\)  # (.+)$", re.MULTILINE)


@pytest.mark.parametrize("page", pages_with("python"), ids=name)
def test_python_in_a_page_runs(page: Path) -> None:
    """The blocks of a page share their names, as if typed one after the other."""
    names: dict[str, Any] = {}
    for block in blocks(page.read_text(), "python"):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(block.text, name(page), "exec"), names)  # noqa: S102 - our own pages

        assert out.getvalue().splitlines() == _PRINTED.findall(block.text)


def test_there_is_python_to_run() -> None:
    assert {name(page) for page in pages_with("python")} >= {
        "README.md",
        "docs/tutorials/embed-the-core.md",
    }
