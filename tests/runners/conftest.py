"""A folder of its own, an Email Bison stub on the loopback interface, and a way to run commands."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from contracts.bison.stub import BisonStub, serve
from maverick_adapters.vault import Vault
from maverick_runners.cli import main

TOKEN = "1|acme-token"  # noqa: S105 - of a stub


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def stub() -> BisonStub:
    stub = BisonStub()
    stub.add_workspace("Acme", TOKEN, id=11)
    return stub


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def maverick(
    stub: BisonStub,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Run]:
    """Return a function that runs the command line and returns exit code, stdout and stderr."""
    with serve(stub, 0) as server:
        monkeypatch.setenv("MAVERICK_BISON_URL", server.url)
        monkeypatch.setenv("MAVERICK_DATABASE_URL", f"sqlite:///{folder / 'test.db'}")
        monkeypatch.setenv("MAVERICK_SECRET_KEY", Vault.new_key())
        monkeypatch.setenv("COLUMNS", "200")
        monkeypatch.setenv("MAVERICK_LEASE_SECONDS", "1")

        def run(*arguments: str | Path, stdin: str = "") -> Ran:
            monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
            with pytest.raises(SystemExit) as exit_:
                main([str(argument) for argument in arguments])
            captured = capsys.readouterr()
            return Ran(int(exit_.value.code or 0), captured.out, captured.err)

        yield run


def write_list(path: Path, count: int, *, start: int = 0) -> Path:
    lines = [f"p{n}@list.example,Person{n},Surname{n}" for n in range(start, start + count)]
    path.write_text("email,first name,last name\n" + "\n".join(lines) + "\n")
    return path


@pytest.fixture
def acme(maverick: Run, folder: Path) -> Run:
    """Run commands in a world with workspace acme, its token, a target of 30 and 40 contacts."""
    assert maverick("workspaces", "add", "acme", "--timezone", "America/New_York").code == 0
    assert maverick("tokens", "set", "acme", stdin=TOKEN + "\n").code == 0
    month = maverick("targets", "show", "acme", "-o", "json").json["month"]
    assert maverick("targets", "set", "acme", month, "30").code == 0
    path = write_list(folder / "list.csv", 40)
    assert maverick("import", path, "--workspace", "acme", "--verified").code == 0
    return maverick
