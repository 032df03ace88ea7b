"""What Email Bison knows each workspace by. A token goes in and never comes out."""

from __future__ import annotations

from dataclasses import dataclass

from maverick_core.access.rules import Action, Scope
from maverick_core.workspaces.ports import Tokens, Workspaces
from maverick_core.workspaces.service import CheckToken, SetToken
from maverick_http.routes import Call, Reply, route
from maverick_http.schemas.base import NoBody, NoQuery
from maverick_http.schemas.tokens import TokenAnswer, TokenBody, TokenState


@dataclass(frozen=True, slots=True)
class TokensResource:
    """Tokens: show the state, replace, test."""

    workspaces: Workspaces
    tokens: Tokens
    set_token: SetToken
    check_token: CheckToken

    @route("GET", "/workspaces/{slug}/bison-token", scope=Scope.TOKENS_READ, answers=TokenAnswer)
    def show(self, call: Call[NoQuery], slug: str) -> Reply:  # noqa: ARG002 - nothing to ask
        """Show the state of a workspace's Bison token."""
        return self._reply(slug)

    @route(
        "PUT",
        "/workspaces/{slug}/bison-token",
        scope=Scope.TOKENS_WRITE,
        takes=TokenBody,
        answers=TokenAnswer,
        audited=Action.TOKEN_SET,
    )
    def replace(self, call: Call[TokenBody], slug: str) -> Reply:
        """Store a token that Email Bison accepts, and lift the workspace's hold.

        It is tested first; one that is refused changes nothing.
        """
        token = call.given.token.get_secret_value()
        self.set_token(slug, token, replace_workspace=call.given.replace_workspace)
        return self._reply(slug)

    @route(
        "POST",
        "/workspaces/{slug}/bison-token:test",
        scope=Scope.TOKENS_WRITE,
        takes=NoBody,
        answers=TokenAnswer,
        audited=Action.TOKEN_TEST,
    )
    def test(self, call: Call[NoBody], slug: str) -> Reply:  # noqa: ARG002 - nothing to say
        """Ask Email Bison whether the stored token is good. A refused one puts uploads on hold."""
        self.check_token(slug)
        return self._reply(slug)

    def _reply(self, slug: str) -> Reply:
        status = self.tokens.token_status(self.workspaces.workspace(slug).id)
        if status is None:
            return Reply(TokenAnswer(workspace=slug, state=TokenState.MISSING))
        return Reply(
            TokenAnswer(
                workspace=slug,
                state=TokenState.REFUSED if status.refused_at else TokenState.VALID,
                hint=status.hint,
                bison_workspace_id=status.identity.bison_workspace_id,
                bison_workspace_name=status.identity.bison_workspace_name,
                set_at=status.set_at,
                refused_at=status.refused_at,
            )
        )
