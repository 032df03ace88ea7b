"""A folder with a database and a stub, and the commands of somebody who works there."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from contracts.bison.stub import BisonStub
from maverick_adapters.container import Wired, wire
from maverick_adapters.settings import Settings
from maverick_adapters.sql import upgrade
from maverick_core.kernel.time import Month
from maverick_core.pipeline.csv_import.ports import NewContact
from maverick_core.targets.rules import TargetAccount
from maverick_core.workspaces.rules import new_workspace

CONTACTS: Final = 6_000
TOKEN: Final = "1|acme-token"  # noqa: S105 - of a stub
MAVERICK: Final = str(Path(sys.executable).with_name("maverick"))
Condition = Callable[[], bool]


def email(number: int) -> str:
    """Return the address of one of the contacts; they are counted from 0."""
    return f"p{number}@list.example"


@dataclass(frozen=True)
class Desk:
    """A folder with a database, a stub, and the commands of somebody who works there."""

    folder: Path
    stub: BisonStub
    environment: dict[str, str]
    wired: Wired
    """The record, as the test itself reads it."""

    @property
    def month(self) -> Month:
        """The month that is planned and uploaded."""
        return Month.of(self.wired.clock.now(), self.wired.store.workspace("acme").zone)

    def account(self) -> TargetAccount:
        """Return the month's account, counted from the single outcomes."""
        return self.wired.store.recount(self.wired.store.workspace("acme").id, self.month)

    def start(self, *arguments: str, stderr: int = subprocess.PIPE) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [MAVERICK, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )

    def run(self, *arguments: str, stdin: str = "") -> str:
        with self.start(*arguments) as process:
            out, err = process.communicate(stdin, timeout=120)
        assert process.returncode == 0, err
        return out

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "-o", "json"))


def set_up(
    settings: Settings,
    *,
    contacts: int = CONTACTS,
    batch_size: int = 1_000,
    campaign_id: int | None = None,
) -> None:
    """Bring verified contacts on record for a workspace with a token and a target."""
    with wire(settings) as wired:
        upgrade(wired.engine)
        wired.store.add_workspace(
            new_workspace("acme", "UTC", batch_size=batch_size, campaign_id=campaign_id)
        )
        wired.set_token("acme", TOKEN)
        workspace = wired.store.workspace("acme")
        now = wired.clock.now()
        import_id = wired.store.begin_import(workspace.id, "list.csv", at=now)
        people = [
            NewContact(email(n), "Person", None, None, None, None, None) for n in range(contacts)
        ]
        wired.store.add_contacts(import_id, people, rows_read=contacts, at=now)
        wired.set_target("acme", Month.of(now, workspace.zone), contacts)


def wait_for(
    happened: Condition, *, every_seconds: float = 0.005, at_most_seconds: float = 30.0
) -> None:
    """Look every few milliseconds until it happened, half a minute at most."""
    pause = threading.Event()
    for _ in range(round(at_most_seconds / every_seconds)):
        if happened():
            return
        pause.wait(every_seconds)
    raise AssertionError(f"it did not happen in {at_most_seconds:g} seconds")
