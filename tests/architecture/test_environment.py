"""Settings are the only reader of the environment, so that their page is the whole truth."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import parsed, python_files

READERS = {
    "maverick_adapters/settings.py": "turns MAVERICK_… variables into Settings",
    "maverick_adapters/settings/": "the same, as a package",
    "maverick_runners/master.py": "writes what Dramatiq reads nowhere else",
}


def readings(path: Path) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        match node:
            case ast.Attribute(value=ast.Name(id="os"), attr="environ" | "getenv"):
                yield f"{path}:{node.lineno} reads the environment"
            case ast.ImportFrom(module="os", names=names):
                taken = {name.name for name in names} & {"environ", "getenv"}
                yield from (f"{path}:{node.lineno} imports os.{name}" for name in taken)


def test_only_settings_read_the_environment() -> None:
    found = [
        reading
        for path in python_files(
            "maverick_core", "maverick_adapters", "maverick_runners", "maverick_http"
        )
        if not path.as_posix().startswith(tuple(READERS))
        for reading in readings(path)
    ]

    assert not found, "\n".join(found)
