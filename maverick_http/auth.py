"""Who asks, and whether they may: keys, scopes, and workspaces that are out of reach."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

import falcon

from maverick_core.access.rules import Caller, Scope
from maverick_core.access.service import Authenticate
from maverick_core.kernel.errors import Missing, Rejected, Unauthorised
from maverick_http.errors import Forbidden, Unauthenticated
from maverick_http.rates import Limits
from maverick_http.routes import ANYONE, Route

_FORWARDED: Final = ("X-Forwarded-For", "Forwarded")


Network = IPv4Network | IPv6Network


def networks(text: str) -> tuple[Network, ...]:
    """Read the networks that a setting names, separated by commas.

    Raises:
        Rejected: ``bad_trusted_proxies``.

    """
    try:
        named = [each.strip() for each in text.split(",")]
        return tuple(ip_network(each, strict=False) for each in named if each)
    except ValueError:
        raise Rejected(
            "MAVERICK_HTTP_TRUSTED_PROXIES is not a list of networks.",
            code="bad_trusted_proxies",
            remedy="Write networks or addresses with commas between, for example 203.0.113.0/24.",
        ) from None


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


@dataclass(frozen=True, slots=True)
class Door:
    """Lets callers in. ``trusted`` are the networks of our own proxies."""

    authenticate: Authenticate
    limits: Limits
    trusted: tuple[Network, ...]

    def admit(self, request: falcon.Request, route: Route) -> Caller:
        """Return who asks.

        Raises:
            Unauthenticated: there is no key, or it is worthless.
            TooMany: too many came with such keys from there.

        """
        if route.scope is None or (route.loopback and is_local(request)):
            return ANYONE
        address = client_address(request, self.trusted)
        self.limits.check_guesses(address)
        try:
            return self.authenticate(request.get_header("Authorization"))
        except Unauthorised as error:
            self.limits.by_guess.take(address)
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
    if route.scope not in caller.scopes:
        raise _scope_missing(route.scope)
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
        remedy='See "maverick workspaces list", or add it.',
    )


def _scope_missing(scope: Scope) -> Forbidden:
    return Forbidden(
        f"The key does not allow {scope}.",
        code="scope_missing",
        remedy="Use a key with that scope; `maverick keys` makes one.",
    )
