"""Scripted faults: which requests they meet and what they do to them, as data."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from fnmatch import fnmatchcase
from itertools import count
from random import Random
from threading import Lock
from typing import Any, Literal, Protocol, get_args

Does = Literal[
    "latency",
    "slow",
    "status",
    "rate_limited",
    "forbidden",
    "expire_token",
    "drop_before",
    "drop_after",
    "late",
    "truncate",
    "success_false",
    "html",
    "skip_rows",
    "refuse_rows",
    "missing_variable",
    "refuse_attach",
]


# Faults that mean something on these requests only meet no others, unless told so.
_WHERE: dict[str, tuple[str, str]] = {
    "skip_rows": ("POST", "/api/leads*"),
    "refuse_rows": ("POST", "/api/leads*"),
    "missing_variable": ("POST", "/api/leads*"),
    "refuse_attach": ("POST", "*/leads/attach-leads"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One scripted fault, e.g. ``Fault("drop_after", path="/api/leads/*", nth=2, times=1)``.

    What it does:

    - ``latency``, ``slow``: wait ``seconds`` before, or after, the request is handled;
    - ``status``: answer ``status``, unapplied unless ``applied``;
    - ``rate_limited``: answer 429, with ``retry_after`` in the header, the body, or both;
    - ``forbidden``: answer 403, as for another workspace's record;
    - ``expire_token``: revoke the request's token for good, so that this and all later requests
      with it are 401 until the workspace has a new one (``replace_token``);
    - ``drop_before``, ``drop_after``: the connection dies before, or after, the request is applied;
    - ``late``: the connection dies (or ``gateway`` answers) at once and the request is applied
      only when ``after_requests`` later ones have been handled;
    - ``truncate``: apply it and answer 2xx with the first half of the JSON;
    - ``success_false``: answer 200 with ``data.success: false``, unapplied unless ``applied``;
    - ``html``: answer ``gateway`` (502) with an HTML page, unapplied unless ``applied``;
    - ``skip_rows``: leave the leads of ``emails`` out of a 2xx answer;
    - ``refuse_rows``: call the leads of ``emails`` invalid (``message`` is the reason);
    - ``missing_variable``: refuse the request for want of the custom variable ``variable``;
    - ``refuse_attach``: treat the leads of ``emails`` as in other sequences; none means all.

    It meets a request that fulfils every condition; of several that decide the answer, the one
    scripted first wins, waits add up, row faults are joined.
    """

    does: Does = field(kw_only=False)

    # The conditions.
    method: str | None = None
    path: str | None = None
    """A shell pattern over the path, e.g. ``/api/leads/*``."""

    token: str | None = None
    containing: str | None = None
    """An e-mail address that a lead of the request has."""

    nth: int = 1
    """The first request it meets, of those that fulfil the conditions above since its scripting."""

    times: int | None = None
    """How many requests it meets at most; ``None`` means all from the nth on."""

    probability: float = 1.0
    """Of meeting such a request, drawn from the stub's seeded generator."""

    # The parameters of what it does.
    seconds: float = 0.0
    status: int = 500
    applied: bool = False
    retry_after: int | None = None
    """Seconds."""

    in_header: bool = True
    in_body: bool = True
    after_requests: int = 1
    gateway: int | None = None
    emails: frozenset[str] = frozenset()
    message: str | None = None
    variable: str = "company_size"

    def __post_init__(self) -> None:
        """Refuse a script that could never do what it says."""
        if self.does not in get_args(Does):
            raise ValueError(f"unknown fault {self.does!r}, one of {', '.join(get_args(Does))}")
        if self.nth < 1 or self.after_requests < 1 or not 0 <= self.probability <= 1:
            raise ValueError(f"nth and after_requests count from 1, probability is 0 to 1: {self}")
        method, path = _WHERE.get(self.does, (None, None))
        object.__setattr__(self, "method", self.method or method)
        object.__setattr__(self, "path", self.path or path)
        object.__setattr__(self, "emails", frozenset(email.lower() for email in self.emails))

    def as_json(self) -> dict[str, Any]:
        """Show the fault as the JSON that ``from_json`` reads."""
        return {**asdict(self), "emails": sorted(self.emails)}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Fault":
        """Read a fault from JSON.

        Raises:
            ValueError: a key or the fault is unknown.

        """
        unknown = set(body) - {each.name for each in fields(cls)}
        if unknown or "does" not in body:
            raise ValueError(f"a fault needs 'does' and has no {sorted(unknown)}")
        return cls(**body)


class Asked(Protocol):
    """What a fault can ask of a request."""

    @property
    def method(self) -> str: ...

    @property
    def path(self) -> str: ...

    @property
    def token(self) -> str: ...

    def emails(self) -> frozenset[str]: ...


class _Scripted:
    """A fault and how often it was asked for."""

    __slots__ = ("fault", "fired", "seen")

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.seen = 0
        self.fired = 0

    def meets(self, request: Asked, random: Random) -> bool:
        fault = self.fault
        if fault.times is not None and self.fired >= fault.times:
            return False
        if not fulfils(fault, request):
            return False

        self.seen += 1
        if self.seen < fault.nth:
            return False
        if fault.probability < 1.0 and random.random() >= fault.probability:
            return False
        self.fired += 1
        return True


def fulfils(fault: Fault, request: Asked) -> bool:
    """Say whether a request has what the fault asks for; the costly condition comes last."""
    if fault.method is not None and fault.method != request.method:
        return False
    if fault.path is not None and not fnmatchcase(request.path, fault.path):
        return False
    if fault.token is not None and fault.token != request.token:
        return False
    return fault.containing is None or fault.containing.lower() in request.emails()


class Script:
    """The faults in force, in the order of their scripting."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._random = Random(seed)
        self._numbers = count(1)
        self._lock = Lock()
        self._scripted: dict[int, _Scripted] = {}

    def add(self, fault: Fault) -> int:
        """Put a fault in force and return its number."""
        with self._lock:
            number = next(self._numbers)
            self._scripted[number] = _Scripted(fault)
            return number

    def remove(self, number: int) -> None:
        """Lift a fault; one that is not there is lifted already."""
        with self._lock:
            self._scripted.pop(number, None)

    def clear(self) -> None:
        """Lift all faults and start the draws again from the seed."""
        with self._lock:
            self._scripted.clear()
            self._random = Random(self._seed)

    def listed(self) -> list[tuple[int, Fault, int]]:
        """List number, fault, and how many requests it has met."""
        with self._lock:
            return [(number, each.fault, each.fired) for number, each in self._scripted.items()]

    def met(self, request: Asked) -> list[Fault]:
        """Name the faults that meet this request, and count them as having done so."""
        if not self._scripted:
            return []
        with self._lock:
            scripted = self._scripted.values()
            return [each.fault for each in scripted if each.meets(request, self._random)]
