"""The tools of the house agree with every file, whoever runs pytest and by whatever way."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, project_files

BINARIES = Path(sys.executable).parent
LOADED_FROM_ELSEWHERE = re.compile(r"<(?:script|img|iframe|link rel=\"?stylesheet)[^>]*https?://")


@pytest.mark.parametrize(
    "command",
    ["ruff format --check .", "ruff check .", "lint-imports --no-cache"],
    ids=["format", "style", "imports"],
)
def test_the_tree_passes(command: str) -> None:
    program, *arguments = command.split()
    check = subprocess.run(
        [BINARIES / program, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert check.returncode == 0, check.stdout + check.stderr


def test_the_documentation_builds_without_a_warning(tmp_path: Path) -> None:
    """Dead links, forgotten pages and missing anchors are warnings, and warnings are errors."""
    build = subprocess.run(
        [BINARIES / "mkdocs", "build", "--strict", "--site-dir", tmp_path / "site"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert build.returncode == 0, build.stdout + build.stderr
    page = (tmp_path / "site" / "index.html").read_text()
    assert not LOADED_FROM_ELSEWHERE.search(page), "a page is read without asking anyone else"


def test_shell_scripts_parse() -> None:
    scripts = [
        path
        for path in project_files()
        if path.parts[0] in {"tools", ".ci"} and path.suffix != ".py"
    ]
    shell = shutil.which("bash")

    assert shell
    assert scripts
    for script in scripts:
        subprocess.run([shell, "-n", ROOT / script], check=True)
