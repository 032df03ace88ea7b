"""Where a token may be sent to."""

from __future__ import annotations

import pytest

from maverick_adapters.bison import HttpBison
from maverick_adapters.bison.address import check_address
from maverick_adapters.memory import ManualClock, MemoryStore
from maverick_core.kernel.errors import Rejected


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("https://send.agency.example", "https://send.agency.example"),
        (" https://send.agency.example/ \n", "https://send.agency.example"),
        ("https://agency.example:8443/bison/", "https://agency.example:8443/bison"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://127.0.0.1", "http://127.0.0.1"),
        ("http://127.9.9.9:1/", "http://127.9.9.9:1"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
    ],
)
def test_usable_addresses_lose_their_slash(given: str, used: str) -> None:
    """Paths are put behind them as they are."""
    assert check_address(given) == used


@pytest.mark.parametrize(
    "given",
    [
        "",
        "send.agency.example",
        "http://send.agency.example",
        "http://localhost.agency.example",
        "http://2130706433",
        "http://0.0.0.0",
        "ftp://send.agency.example",
        "file:///etc/passwd",
        "https://",
        "https:///api",
        "https://user:hunter2@send.agency.example",
        "https://hunter2@send.agency.example",
        "https://send.agency.example?key=hunter2",
        "https://send.agency.example#hunter2",
        "https://send.agency.example:hunter2",
        "https://send.agency.example:0",
        "https://[::1",
        "https://sénd.agency.example",
        "https://send.agency.example/a b",
        "https://send.agency.example/\r\nx",
        "https://send agency.example",
    ],
)
def test_others_are_rejected_without_being_repeated(given: str) -> None:
    """Not in clear over a network, and nothing that could hold a secret."""
    with pytest.raises(Rejected) as rejected:
        HttpBison(given, MemoryStore(ManualClock()))

    assert rejected.value.code == "bad_bison_url"
    assert "hunter2" not in f"{rejected.value} {rejected.value.remedy}"
