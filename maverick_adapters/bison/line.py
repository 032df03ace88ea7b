"""An open line: everything that is said to Email Bison on behalf of one workspace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TypeVar

from msgspec import Struct

from maverick_adapters.bison import wire
from maverick_adapters.bison.answers import (
    ENDPOINT_MISSING,
    TOKEN_REFUSED,
    Trouble,
    not_understood,
    trouble,
)
from maverick_adapters.bison.client import Client, Reply
from maverick_adapters.bison.pace import Pace
from maverick_core.pipeline.upload.answers import Misconfigured
from maverick_core.workspaces.ports import TokenIdentity

_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class Line:
    """Speaks with one token at the workspace's pace."""

    client: Client
    pace: Pace
    token: str = field(repr=False)

    def get(self, path: str, read: Callable[[bytes], _Read]) -> _Read | Trouble:
        """Return what ``read`` makes of a 2xx answer's body, or what any other outcome means.

        ``read`` raises ``NotUnderstood`` for a body that it cannot read: such an answer is as
        good as lost.
        """
        return self._ask("GET", path, None, read, ENDPOINT_MISSING)

    def post(
        self,
        path: str,
        body: Struct,
        read: Callable[[bytes], _Read],
        *,
        missing: Misconfigured = ENDPOINT_MISSING,
    ) -> _Read | Trouble:
        """Do the same with a body; ``missing`` is what a record that is not there means."""
        return self._ask("POST", path, wire.encode(body), read, missing)

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes | None,
        read: Callable[[bytes], _Read],
        missing: Misconfigured,
    ) -> _Read | Trouble:
        if not can_be_sent(self.token):
            return TOKEN_REFUSED
        self.pace.wait()
        reply = self.client.send(method, path, token=self.token, body=body)
        if not isinstance(reply, Reply):
            return reply
        if not HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
            return trouble(
                reply.status, reply.body, reply.headers, token=self.token, missing=missing
            )
        try:
            return read(reply.body)
        except wire.NotUnderstood:
            return not_understood(reply.body, token=self.token)


def can_be_sent(token: str) -> bool:
    """Say whether ``token`` fits into a header: a line end there would be a second header."""
    return bool(token) and token.isascii() and token.isprintable() and " " not in token


def who_am_i(line: Line) -> TokenIdentity | Trouble:
    """Ask whose token the line speaks with. The only question of the API that tells."""
    return line.get("/api/users", _identity)


def _identity(body: bytes) -> TokenIdentity:
    user = wire.decode(wire.UserAnswer, body).data
    workspace = user.workspace or user.team
    if workspace is None:
        raise wire.NotUnderstood
    return TokenIdentity(workspace.id, workspace.name)
