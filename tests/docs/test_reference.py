"""The reference is what the code says today, and leaves nothing out."""

import itertools
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import maverick_core
from maverick_adapters.settings import Settings
from maverick_core.pipeline.batch import BatchState
from maverick_core.pipeline.contact import ContactState
from maverick_core.pipeline.csv_import.rules import RejectCode
from maverick_core.pipeline.filtering.codes import FilterCode
from maverick_core.pipeline.upload.failures import REMEDIES
from tests.docs.pages import DOCS, ROOT, name, pages
from tools.reference import PAGES, codes, commands, failures
from tools.reference.commands import root_command

REFERENCE = DOCS / "reference"


@pytest.mark.parametrize(("path", "page"), PAGES.items(), ids=PAGES)
def test_a_generated_page_is_up_to_date(path: str, page: Callable[[], str]) -> None:
    """``python -m tools.reference`` writes them anew."""
    assert (ROOT / path).read_text() == page(), "run: python -m tools.reference"


def listed(page: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", (REFERENCE / page).read_text()))


def test_every_setting_is_listed() -> None:
    variables = {f"MAVERICK_{name.upper()}" for name in Settings.model_fields}

    assert variables <= listed("settings.md")


def test_every_reject_code_is_listed() -> None:
    assert set(RejectCode) <= listed("reject-codes.md")


def test_every_filter_code_is_listed() -> None:
    assert set(FilterCode) <= listed("filter-codes.md")


def test_every_state_is_listed() -> None:
    assert {*BatchState, *ContactState} <= listed("states.md")


def test_every_failure_has_a_remedy_and_every_remedy_a_failure() -> None:
    """The command line never says "correct the cause" of a failure that it knows."""
    assert set(failures.codes()) == set(REMEDIES)


def test_every_error_code_is_listed_as_it_is_raised() -> None:
    """A code that is put together at run time has to be spelt out in ``tools.reference.codes``."""
    found = codes.raised()

    assert found
    assert not [each for each in found if not re.fullmatch(r"[a-z_]+", each)]


def test_the_api_page_shows_the_whole_public_surface() -> None:
    page = (REFERENCE / "python-api.md").read_text()
    shown = set(re.findall(r"^::: maverick_core\S*\.(\w+)$", page, re.MULTILINE))

    assert set(maverick_core.__all__) <= shown


OPTIONS = {
    path: {spelling for option in command.params for spelling in option.opts} | {"--help"}
    for path, command in commands.walk(root_command())
}
# Programs of their own, which read their own options.
PROGRAMS = {"maverick bison-stub", "maverick example-sites", "maverick verifier-stub"}
GROUPS = {path.rpartition(" ")[0] for path in OPTIONS}


def commands_in(text: str) -> set[str]:
    """Find what a reader could copy: a command in code, in a block, or between quotes."""
    pattern = r"(?:^\$ (?:.*\| )?|`|(?<![bf])\")(maverick [^`\"\n|]*)"
    return {found.strip() for found in re.findall(pattern, text, re.MULTILINE)}


def strangers(command: str) -> set[str]:
    """Return what nobody knows of a command: its options, or all of it."""
    words = command.split()
    names = list(itertools.takewhile(lambda word: re.fullmatch(r"[a-z][a-z-]*", word), words))
    path = next((each for n in (4, 3, 2) if (each := " ".join(names[:n])) in OPTIONS), None)
    if path is None:
        group = " ".join(names) in GROUPS and (len(names) == 2 or "--help" in words)
        return set() if group else {command}
    if path in PROGRAMS:
        return set()
    options = {word.partition("=")[0] for word in words if re.fullmatch(r"--?[a-z].*", word)}
    return options - OPTIONS[path]


SOURCES = [*pages(), *sorted(ROOT.glob("maverick_*/**/*.py"))]


@pytest.mark.parametrize("page", SOURCES, ids=name)
def test_every_command_that_is_named_exists(page: Path) -> None:
    """Pages, messages and remedies never send anybody to a command that is not there."""
    found = {each: strangers(each) for each in commands_in(page.read_text())}

    assert not {each: unknown for each, unknown in found.items() if unknown}


@pytest.mark.parametrize("command", ["maverick batches retry B-1", "maverick import a.csv --dry"])
def test_a_command_that_does_not_exist_is_noticed(command: str) -> None:
    (named,) = commands_in(f"Run `{command}` now.")

    assert strangers(named)
