"""Every command that has a result prints it as JSON on request."""

from __future__ import annotations

import pytest

from tests.runners.conftest import Run
from tools.reference.commands import root_command, walk

# They have no result: they run for their own sake, print lines as they go, or only refuse.
WITHOUT_RESULT = {
    "demo",
    "bison-stub",
    "example-sites",
    "verifier-stub",
    "worker",
    "relay",
    "up",
    "serve",
    "openapi",
    "imports rejects",
    "topology check",
}


def test_every_command_with_a_result_prints_it_as_json() -> None:
    """``--output json`` is never in the way of a script."""
    commands = dict(walk(root_command()))
    without = {
        name.removeprefix("maverick ")
        for name, command in commands.items()
        if not any("--output" in parameter.opts for parameter in command.params)
    }

    assert len(commands) > len(WITHOUT_RESULT)
    assert without <= WITHOUT_RESULT


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (["version"], {"maverick", "python"}),
        (["init"], {"wrote"}),
        (["db", "upgrade"], {"before", "now"}),
        (["db", "check"], {"current", "needed"}),
    ],
)
def test_what_is_printed_is_one_document(
    maverick: Run, arguments: list[str], keys: set[str]
) -> None:
    maverick("workspaces", "list")

    assert set(maverick(*arguments, "-o", "json").json) == keys
