"""Lets a workspace through to Email Bison only with a token that is its own.

The scope of every request is the token's, and a super-admin token's scope changes when its owner
switches workspaces. So whose token it is, is asked before the first leads and again from time to
time: leads in another client's workspace cannot be called back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Lock
from typing import Final

from maverick_adapters.bison.answers import WRONG_WORKSPACE, Trouble, before_sending
from maverick_adapters.bison.line import Line, who_am_i
from maverick_adapters.bison.single_flight import SingleFlight
from maverick_core.kernel.errors import Missing, Unavailable
from maverick_core.pipeline.upload.answers import Misconfigured, Unauthorised
from maverick_core.workspaces.ports import TokenIdentity, Tokens

CHECK_SECONDS: Final = 300.0  # how long an answer to "who am I?" is believed

_NO_TOKEN: Final = Unauthorised("token_missing", "No token is stored for this workspace.")


class Access:
    """The way in of one workspace, shared by all of its sinks."""

    def __init__(
        self, workspace_id: int, tokens: Tokens, line: Line, monotonic: Callable[[], float]
    ) -> None:
        """Use ``line`` with the stored token in place of its own."""
        self._workspace_id = workspace_id
        self._tokens = tokens
        self._line = line
        self._monotonic = monotonic
        self._checks = SingleFlight[Line | Trouble]()
        self._checked: tuple[Line, float] | None = None
        self._lock = Lock()

    def open(self) -> Line | Trouble:
        """Return a line with the token that is stored now, known to be the workspace's own.

        Threads that ask at once share one request, so a bad token is sent once and not by each.
        """
        token = self._token()
        if not isinstance(token, str):
            return token
        return self._known(token) or self._checks.do(token, lambda: self._check(token))

    def reopen(self, refused: Line) -> Line | None:
        """Return a line with a token that was stored since ``refused`` was opened, if there is one.

        A worker that is busy while somebody replaces the token must not hold the workspace again
        because the old one is refused.
        """
        with self._lock:
            if self._checked and self._checked[0].token == refused.token:
                self._checked = None
        if self._token() == refused.token:
            return None
        line = self.open()
        return line if isinstance(line, Line) else None

    def _token(self) -> str | Trouble:
        try:
            return self._tokens.reveal_token(self._workspace_id)
        except Missing:
            return _NO_TOKEN
        except Unavailable as error:
            if error.code != "secret_key_wrong":  # our own record is down: not for a sink to judge
                raise
            return Misconfigured(error.code, str(error))

    def _known(self, token: str) -> Line | None:
        with self._lock:
            if self._checked and self._checked[1] > self._monotonic():
                line = self._checked[0]
                return line if line.token == token else None
        return None

    def _check(self, token: str) -> Line | Trouble:
        line = replace(self._line, token=token)
        identity = who_am_i(line)
        if not isinstance(identity, TokenIdentity):
            return before_sending(identity)
        status = self._tokens.token_status(self._workspace_id)
        if status is None:
            return _NO_TOKEN
        if status.identity.bison_workspace_id != identity.bison_workspace_id:
            return WRONG_WORKSPACE
        with self._lock:
            self._checked = line, self._monotonic() + CHECK_SECONDS
        return line
