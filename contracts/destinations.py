"""Email Bison in three shapes, with the few verbs that set a scene in each.

In memory, as the stub in this process, and as the stub behind a real socket: what the suites say
of the ports ``LeadSink`` and ``TokenProbe`` holds on all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from types import MappingProxyType
from typing import Final, Protocol

import httpx

from contracts.bison.stub import BisonStub, Fault, Switches, serve
from maverick_adapters.bison import HttpBison
from maverick_adapters.bison.client import TransportFactory
from maverick_adapters.memory import ManualClock, MemoryBison, MemoryStore, TakenBut
from maverick_core.pipeline.lead import Lead
from maverick_core.pipeline.upload.ports import LeadSink
from maverick_core.workspaces.ports import TokenIdentity, TokenProbe
from maverick_core.workspaces.rules import new_workspace

TOKEN: Final = "12|AbCdEfGhIjKl"  # noqa: S105 - made up
IDENTITY: Final = TokenIdentity(7, "acme")
_OTHER_TOKEN: Final = "13|MnOpQrStUvWx"  # noqa: S105 - made up
_OTHER: Final = TokenIdentity(8, "other")


class Destination(Protocol):
    """An Email Bison with two workspaces, acme and another, and a campaign of acme's."""

    sink: LeadSink
    other_sink: LeadSink
    probe: TokenProbe
    """Knows ``TOKEN`` to be ``IDENTITY``'s."""
    campaign: int

    def held(self) -> set[str]:
        """Return the e-mails of acme's leads."""
        ...

    def enrolled(self) -> set[str]:
        """Return the e-mails of the campaign's leads."""
        ...

    def skip(self, email: str) -> None:
        """Leave the lead out of good answers from now on."""
        ...

    def refuse(self, email: str) -> None:
        """Refuse every push with the lead from now on."""
        ...

    def leave_out(self, email: str) -> None:
        """Leave the lead out of the campaign without a word from now on."""
        ...

    def keep_out(self, email: str) -> None:
        """Refuse to attach the lead from now on."""
        ...

    def lose_next_answer(self) -> None:
        """Take the next push, and lose its answer on the way back."""
        ...

    def lock_out(self) -> None:
        """Refuse acme's token from now on."""
        ...


class InMemory:
    """The fake."""

    def __init__(self) -> None:
        """Open it; acme is workspace 1."""
        self._bison = MemoryBison(tokens={TOKEN: IDENTITY})
        self.sink: LeadSink = self._bison.sink(1)
        self.other_sink: LeadSink = self._bison.sink(2)
        self.probe: TokenProbe = self._bison
        self.campaign = 5

    def held(self) -> set[str]:
        return set(self._bison.held().get(1, ()))

    def enrolled(self) -> set[str]:
        return set(self._bison.enrolled().get(self.campaign, ()))

    def skip(self, email: str) -> None:
        self._bison.skipped.add(email)

    def refuse(self, email: str) -> None:
        self._bison.refused[email] = "The email field must be a valid email address."

    def leave_out(self, email: str) -> None:
        self._bison.left_out.add(email)

    def keep_out(self, email: str) -> None:
        self._bison.not_attachable[email] = "It is in another sequence."

    def lose_next_answer(self) -> None:
        self._bison.answer_next(TakenBut())

    def lock_out(self) -> None:
        self._bison.locked_out.add(1)
        self._bison.tokens.clear()


class OverHttp:
    """The stub with the adapter in front of it."""

    def __init__(self, stub: BisonStub, bison: HttpBison, workspaces: tuple[int, int]) -> None:
        """Look at the stub through the sinks of ``workspaces``, acme first."""
        self._stub = stub
        self.sink: LeadSink = bison.sink(workspaces[0])
        self.other_sink: LeadSink = bison.sink(workspaces[1])
        self.probe: TokenProbe = bison
        self.campaign = stub.add_campaign("acme", "Homeowners")

    def held(self) -> set[str]:
        return self._stub.held("acme")

    def enrolled(self) -> set[str]:
        return self._stub.held_in_campaign(self.campaign)

    def skip(self, email: str) -> None:
        self._stub.script(Fault("skip_rows", emails=frozenset({email})))

    def refuse(self, email: str) -> None:
        self._stub.refuse(email)

    def leave_out(self, email: str) -> None:
        self._stub.switches = Switches(mixed_attach="drop")
        self._stub.script(Fault("refuse_attach", emails=frozenset({email})))

    def keep_out(self, email: str) -> None:
        self._stub.script(Fault("refuse_attach", emails=frozenset({email})))

    def lose_next_answer(self) -> None:
        self._stub.script(Fault("drop_after", path="/api/leads/*", times=1))

    def lock_out(self) -> None:
        self._stub.revoke(TOKEN)


@contextmanager
def in_memory() -> Iterator[Destination]:
    """Open the fake."""
    yield InMemory()


@contextmanager
def in_process() -> Iterator[Destination]:
    """Open the stub without a network between it and the adapter."""
    stub = BisonStub()
    with _over_http(stub, "http://localhost", lambda: httpx.WSGITransport(stub.app)) as destination:
        yield destination


@contextmanager
def behind_a_socket() -> Iterator[Destination]:
    """Open the stub as a server of its own."""
    stub = BisonStub()
    with serve(stub) as server, _over_http(stub, server.url, None) as destination:
        yield destination


@contextmanager
def _over_http(
    stub: BisonStub, url: str, transports: TransportFactory | None
) -> Iterator[Destination]:
    clock = ManualClock()
    store = MemoryStore(clock)
    ids = []
    for token, identity in ((TOKEN, IDENTITY), (_OTHER_TOKEN, _OTHER)):
        name = identity.bison_workspace_name
        stub.add_workspace(name, token, id=identity.bison_workspace_id)
        workspace = store.add_workspace(new_workspace(name, "America/New_York"))
        store.store_token(workspace.id, token, identity, at=clock.now())
        ids.append(workspace.id)
    with closing(HttpBison(url, store, transports=transports)) as bison:
        yield OverHttp(stub, bison, (ids[0], ids[1]))


DESTINATIONS: Final[Mapping[str, Callable[[], AbstractContextManager[Destination]]]] = (
    MappingProxyType(
        {"memory": in_memory, "in process": in_process, "over a socket": behind_a_socket}
    )
)


def lead(name: str, **fields: str | None) -> Lead:
    """Return a made-up person; ``fields`` are the lead's, by name."""
    whole = Lead(1, f"{name}@agency.example", name.title(), None, None, "Agency", None, None)
    return whole._replace(**fields)  # type: ignore[arg-type]


def email(name: str) -> str:
    """Return the address of ``lead(name)``."""
    return lead(name).email
