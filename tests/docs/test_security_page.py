"""The page on security names tests that exist, and every control has one."""

from __future__ import annotations

import re

from tests.architecture.tree import python_files
from tests.docs.pages import ROOT

ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)
PAGE = ROOT / "docs/explanation/security.md"


def proofs() -> dict[str, list[str]]:
    """Return the tests that the page names, by control."""
    rows = ROW.findall(PAGE.read_text())
    return {f"{number} {what}": re.findall(r"`(test_\w+)`", proof) for number, what, proof in rows}


def test_every_control_that_stands_is_proved_by_tests_that_exist() -> None:
    """A test that is renamed takes its name on the page along."""
    text = "\n".join((ROOT / path).read_text() for path in python_files("tests", "contracts"))
    existing = set(re.findall(r"def (test_\w+)\(", text))

    assert len(proofs()) >= 20
    for control, names in proofs().items():
        assert names, control
        assert set(names) <= existing, control
