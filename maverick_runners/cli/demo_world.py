"""The made-up world of the demo: three clients, their lists, and an Email Bison with bad days."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from contracts.bison.stub import BisonStub, Fault

_FIRST = [
    "Ada",
    "Ben",
    "Cleo",
    "Dana",
    "Eli",
    "Fay",
    "Gus",
    "Hana",
    "Ivo",
    "June",
    "Kai",
    "Lena",
    "Milo",
    "Nora",
    "Otis",
    "Pia",
    "Quin",
    "Rosa",
]
_LAST = [
    "Abbott",
    "Birch",
    "Cole",
    "Dunn",
    "Ellis",
    "Frost",
    "Grant",
    "Hale",
    "Irwin",
    "Joyce",
    "Kent",
    "Lowe",
    "Marsh",
    "Nash",
]
_STATES = ["NY", "OH", "TX", "CA", "FL", "WA", "GA", "IL"]
_AGENCIES: Final = 97
HEADER: Final = ("E-mail Address", "First Name", "Last Name", "Company", "State")


@dataclass(frozen=True, slots=True)
class Client:
    """A workspace of the demo; ``contacts`` and ``target`` in contacts."""

    slug: str
    timezone: str
    contacts: int
    target: int
    token: str

    @property
    def new_token(self) -> str:
        """The token that replaces one that was refused."""
        return f"{self.token}-renewed"


DOVER: Final = Client("dover", "America/Denver", 400, 600, "4|demo-dover")
"""The client whose contacts nobody has verified yet."""
CLIENTS: Final = (
    Client("acme", "America/New_York", 9_000, 8_000, "1|demo-acme"),
    Client("birch", "America/Chicago", 6_000, 6_000, "2|demo-birch"),
    Client("cedar", "America/Los_Angeles", 5_000, 6_000, "3|demo-cedar"),
)
_SKIPPED_OF_ACME: Final = 80
_REFUSED_OF_BIRCH: Final = 20
_LOST_ANSWERS: Final = 6
_LATENCY_SECONDS: Final = 0.15
_UPSERT: Final = "/api/leads/create-or-update/multiple"


def email(client: Client, number: int) -> str:
    """Return the address of the client's contact with this number."""
    first = _FIRST[number % len(_FIRST)].lower()
    last = _LAST[number % len(_LAST)].lower()
    return f"{first}.{last}.{number}@{client.slug}-lead-{number % _AGENCIES}.example"


def person(number: int) -> tuple[str, str, str]:
    """Return first name, last name and state of somebody."""
    return (
        _FIRST[number % len(_FIRST)],
        _LAST[number % len(_LAST)],
        _STATES[number % len(_STATES)],
    )


def _rows(client: Client) -> Iterator[tuple[str, ...]]:
    for number in range(client.contacts):
        yield (
            email(client, number),
            _FIRST[number % len(_FIRST)],
            _LAST[number % len(_LAST)],
            f"Agency {number % _AGENCIES}",
            _STATES[number % len(_STATES)],
        )
    # What lists are like: a slip, a line twice, somebody without a name.
    yield ("no-at-sign.example", "Typo", "Row", "Agency 0", "NY")
    yield (email(client, 0).upper(), _FIRST[0], _LAST[0], "Agency 0", "NY")
    yield (f"nameless@{client.slug}-lead-1.example", "", "", "Agency 1", "NY")


def write_list(client: Client, path: Path) -> None:
    """Write the client's list as a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(_rows(client))


def open_bison(*, cedar_token: str | None) -> BisonStub:
    """Return an Email Bison with the three clients and everything that goes wrong in the demo.

    Rows that it skips without a word and answers that are lost after the leads were taken (acme),
    and rows that it refuses (birch). ``cedar_token`` is the one that is good all the
    time; without it cedar's token is refused from the fourth upload on.
    """
    acme, birch, cedar = CLIENTS
    stub = BisonStub(seed=7)
    for number, client in enumerate((*CLIENTS, DOVER), start=1):
        token = (cedar_token or client.token) if client is cedar else client.token
        stub.add_workspace(client.slug.title(), token, id=number)
    skipped = _some(acme, _SKIPPED_OF_ACME)
    stub.script(Fault("latency", path=_UPSERT, seconds=_LATENCY_SECONDS))
    stub.script(Fault("skip_rows", token=acme.token, emails=skipped))
    for address in _some(birch, _REFUSED_OF_BIRCH):
        stub.refuse(address)
    for address in _some(acme, _LOST_ANSWERS):
        # Each once: a request that is lost three times fails its batch, and that would be chance.
        stub.script(Fault("drop_after", path=_UPSERT, containing=address, times=1))
    if cedar_token is None:
        expired = Fault("expire_token", path=_UPSERT, token=cedar.token, nth=4, times=1)
        stub.script(expired)
    return stub


def _some(client: Client, count: int) -> frozenset[str]:
    step = client.contacts // count
    return frozenset(email(client, number * step) for number in range(count))
