"""The project's own files, as git sees them: tracked ones and new ones, nothing that is ignored."""

import ast
import functools
import subprocess
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("maverick_core", "maverick_adapters", "maverick_runners", "maverick_http", "contracts")


@functools.cache
def project_files() -> Sequence[Path]:
    """List every file of the project, relative to its root."""
    listing = subprocess.run(
        # A checkout that belongs to someone else is still the one under test.
        ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    return sorted(path for path in map(Path, listing.splitlines()) if (ROOT / path).is_file())


def python_files(*packages: str) -> Sequence[Path]:
    """List the Python files of these top-level packages."""
    return [path for path in project_files() if path.suffix == ".py" and path.parts[0] in packages]


def parsed(path: Path) -> ast.Module:
    """Parse one of the project's Python files."""
    return ast.parse((ROOT / path).read_text(), filename=str(path))
