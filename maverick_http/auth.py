"""Who asks, and whether they may: keys, scopes, and workspaces that are out of reach."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

import falcon
import structlog

from maverick_adapters.settings import Network
from maverick_core.access.rules import Caller, Scope
from maverick_core.access.service import Authenticate
from maverick_core.kernel.errors import Missing, Unauthorised
from maverick_http.errors import Forbidden, Unauthenticated
from maverick_http.rates import Limits
from maverick_http.routes import ANYONE, API, Route

_FORWARDED: Final = ("X-Forwarded-For", "Forwarded")

_log = structlog.get_logger(__name__)


def client_address(request: falcon.Request, trusted: tuple[Network, ...]) -> str:
    """Return the address that a request came from.

    What a proxy says of it is believed of the trusted ones only, from the last hop backwards: a
    client can write anything into ``X-Forwarded-For``, and each proxy adds behind it.
    """
    said = (request.get_header("X-Forwarded-For") or "").split(",")
    address = request.remote_addr or ""
    for hop in reversed([hop.strip() for hop in said if hop.strip()]):
        if not _is_in(address, trusted) or not _is_address(hop):
            break
        address = hop
    return address


def is_local(request: falcon.Request) -> bool:
    """Say whether the request comes from this machine, and not through a proxy on it."""
    direct = not any(request.get_header(name) for name in _FORWARDED)
    address = request.remote_addr or ""
    return direct and _is_address(address) and ip_address(address).is_loopback


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_in(address: str, trusted: tuple[Network, ...]) -> bool:
    return _is_address(address) and any(ip_address(address) in network for network in trusted)


class Strangers:
    """Peers that speak for others and are not believed: the first of each process is told of."""

    def __init__(self) -> None:
        """Have told of nobody."""
        self._told = False

    def note(self, request: falcon.Request, trusted: tuple[Network, ...]) -> None:
        """Say so where who passed the request on is not among ``trusted``."""
        peer = request.remote_addr or ""
        if self._told or not request.get_header("X-Forwarded-For") or _is_in(peer, trusted):
            return
        self._told = True
        _log.warning(
            "X-Forwarded-For is not believed: it came from an address that is not among "
            "MAVERICK_HTTP_TRUSTED_PROXIES. If that is your proxy, name it there: until then all "
            "who come through it count as one where keys are guessed.",
            address=peer,
        )


@dataclass(frozen=True, slots=True)
class Door:
    """Lets callers in. ``trusted`` are the networks of our own proxies."""

    authenticate: Authenticate
    limits: Limits
    trusted: tuple[Network, ...]
    strangers: Strangers

    def admit(self, request: falcon.Request, route: Route) -> Caller:
        """Return who asks.

        A good key is let in whoever else guesses from the same address: many share one behind a
        proxy or an office's router. A key is too long to be guessed, so a hit need not be hidden.

        Raises:
            Unauthenticated: there is no key, or it is worthless.
            TooMany: too many came with such keys from there.

        """
        if route.scope is None or (route.loopback and is_local(request)):
            return ANYONE
        address = client_address(request, self.trusted)
        self.strangers.note(request, self.trusted)
        try:
            return self.authenticate(request.get_header("Authorization"))
        except Unauthorised as error:
            self.limits.check_guess(address)
            raise Unauthenticated(str(error), code=error.code, remedy=error.remedy) from None


def authorise(caller: Caller, route: Route, slug: str | None) -> None:
    """Let a caller do what its key is for, where its key reaches.

    A workspace out of reach is missing in the same words as one that nobody has.

    Raises:
        Forbidden: ``scope_missing`` or ``key_bound``.
        Missing: ``workspace_missing``.

    """
    if caller is ANYONE or route.scope is None:
        return
    check_scope(caller, route.scope)
    if route.everywhere and caller.slug is not None:
        raise Forbidden(
            "This concerns all workspaces, and the key is for one.",
            code="key_bound",
            remedy="Use a key that is bound to no workspace.",
        )
    if slug is not None and not caller.reaches(slug):
        raise workspace_missing(slug)


def workspace_missing(slug: str) -> Missing:
    """Return what is said of a workspace that does not exist, for this caller or at all."""
    return Missing(
        f"There is no workspace called {slug}.",
        code="workspace_missing",
        remedy=f"GET {API}/workspaces lists those that the key reaches.",
    )


def check_scope(caller: Caller, scope: Scope) -> None:
    """Refuse what the caller's key does not allow.

    Raises:
        Forbidden: ``scope_missing``.

    """
    if scope not in caller.scopes:
        raise Forbidden(
            f"The key does not allow {scope}.",
            code="scope_missing",
            remedy="Use a key with that scope.",
        )
