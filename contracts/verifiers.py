"""Verifiers in three shapes, with the few verbs that set a scene in each.

In memory, a provider behind a real socket, and this machine with a DNS of its own: what the suite
says of the port ``Verifier`` holds on all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from types import MappingProxyType
from typing import Final, Protocol

from contracts.verifier.names import NameServer
from contracts.verifier.stub import Fault, VerifierStub, serve
from contracts.verifier.stub.verifier import usual
from maverick_adapters.cleaning import PackagedDomains
from maverick_adapters.memory.verifier import MemoryVerifier
from maverick_adapters.verifiers import HttpVerifier, LocalVerifier, MailServers
from maverick_adapters.verifiers.answers import finding_of
from maverick_core.pipeline.verification.ports import NoAnswer, Verifier
from maverick_core.retry import Trouble

KEY: Final = "vk-made-up"

GOOD: Final = ("ann@good.example", "bob@good.example")
BAD: Final = ("nobody@gone.example",)
SILENT: Final = ("silent@slow.example",)


class Provider(Protocol):
    """Somebody to ask; ``GOOD``, ``BAD`` and ``SILENT`` are what they are."""

    verifier: Verifier

    def paid(self, email: str) -> int:
        """Return how often the mailbox was paid for."""
        ...

    def lose_next_answer(self) -> None:
        """Take the next question, and lose what is said to it."""
        ...

    def go_away(self) -> None:
        """Answer nobody from now on."""
        ...


class InMemory:
    """The fake."""

    def __init__(self) -> None:
        """Know of mailboxes what the stub knows."""
        self._verifier = MemoryVerifier(lambda email: finding_of(*usual(email)), looks=2)
        self.verifier: Verifier = self._verifier

    def paid(self, email: str) -> int:
        return self._verifier.paid[email]

    def lose_next_answer(self) -> None:
        self._verifier.answer_ask(NoAnswer(Trouble.LOST, "reset"), taken=True)

    def go_away(self) -> None:
        self._verifier.away = True


class OverHttp:
    """The stub behind a socket."""

    def __init__(self, stub: VerifierStub, url: str, close: Callable[[], None]) -> None:
        """Ask it."""
        self._stub = stub
        self._close = close
        self.asking = HttpVerifier(url, KEY, timeout_seconds=5)
        self.verifier: Verifier = self.asking

    def paid(self, email: str) -> int:
        return self._stub.charged[email]

    def lose_next_answer(self) -> None:
        self._stub.script(Fault("drop_after"))

    def go_away(self) -> None:
        self._close()


class Here:
    """This machine, with a DNS on the loopback interface."""

    def __init__(self, names: NameServer) -> None:
        """Know the domains."""
        self._names = names
        servers = MailServers([names.address], lookup_seconds=0.3)
        self.verifier: Verifier = LocalVerifier(servers, PackagedDomains())

    def paid(self, email: str) -> int:
        del email
        return 1  # it costs nothing, however often

    def lose_next_answer(self) -> None:
        """Do nothing: there is no way on which it could be lost."""

    def go_away(self) -> None:
        self._names.silent |= {"good.example", "."}


@contextmanager
def _in_memory() -> Iterator[Provider]:
    yield InMemory()


@contextmanager
def _over_http() -> Iterator[Provider]:
    stub = VerifierStub(key=KEY, processing_seconds=0.05)
    with serve(stub) as server:
        provider = OverHttp(stub, server.url, server.close)
        yield provider
        provider.asking.close()


@contextmanager
def _here() -> Iterator[Provider]:
    with NameServer({"good.example": {"MX": ["10 mx.good.example."]}}) as names:
        names.silent.add("slow.example")
        yield Here(names)


PROVIDERS: Final[Mapping[str, Callable[[], AbstractContextManager[Provider]]]] = MappingProxyType(
    {"memory": _in_memory, "http": _over_http, "local": _here}
)
