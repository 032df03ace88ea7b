"""The store behind the stub: workspaces by token, ids, and a clock that ticks by requests."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import RLock

from contracts.bison.stub import refusals
from contracts.bison.stub.records import Campaign, Lead, Variable, Workspace
from contracts.bison.stub.switches import Switches

EPOCH = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
"""When the stub's own clock starts; a second passes with every request, so runs repeat exactly."""


class Store:
    """All workspaces; whoever reads or changes them holds ``lock``."""

    def __init__(self, switches: Switches) -> None:
        self.switches = switches
        self.lock = RLock()
        self.count_pushes = True
        self.refused_emails: dict[str, str] = {}
        """Lower-cased addresses the API refuses as invalid rows, with the text it gives."""

        self._by_name: dict[str, Workspace] = {}
        self._by_token: dict[str, Workspace] = {}
        self._ids = count(1)
        self._lead_ids = count(326_217)
        self._ticks = count(1)
        self._stamp = ""
        self.tick()

    @property
    def stamp(self) -> str:
        """The stub's time in the API's form."""
        return self._stamp

    def tick(self) -> int:
        """Let a second pass and return how many have passed: the number of the request."""
        seconds = next(self._ticks)
        now = EPOCH + timedelta(seconds=seconds)
        self._stamp = now.strftime("%Y-%m-%dT%H:%M:%S.000000Z")
        return seconds

    def next_id(self) -> int:
        """Draw an id no record of any workspace has."""
        return next(self._ids)

    def next_lead_id(self) -> int:
        """Draw an id no lead of any workspace has."""
        return next(self._lead_ids)

    def add_workspace(
        self,
        name: str,
        token: str,
        workspace_id: int | None,
        variables: Iterable[str],
    ) -> Workspace:
        """Open a workspace that the token belongs to."""
        with self.lock:
            if name in self._by_name or token in self._by_token:
                raise ValueError(f"the workspace {name!r} or its token exists already")

            workspace = Workspace(workspace_id or self.next_id(), name)
            for variable in variables:
                self.add_variable(workspace, variable)
            self._by_name[name] = workspace
            self._by_token[token] = workspace
            return workspace

    def add_variable(self, workspace: Workspace, name: str) -> Variable:
        """Create a custom variable; names are stored lower-case."""
        variable = Variable(self.next_id(), name.lower(), self.stamp)
        workspace.variables[variable.name] = variable
        return variable

    def add_campaign(self, workspace: Workspace, name: str, kind: str, status: str) -> Campaign:
        """Create a campaign."""
        campaign = Campaign(self.next_id(), name, self.stamp, kind, status)
        workspace.campaigns[campaign.id] = campaign
        return campaign

    def workspace(self, name: str) -> Workspace:
        """Find a workspace by name, for those who script and inspect the stub."""
        return self._by_name[name]

    def workspaces(self) -> list[Workspace]:
        """List the workspaces in the order of their opening."""
        with self.lock:
            return list(self._by_name.values())

    def replace_token(self, name: str, token: str) -> None:
        """Give the workspace a new token; all it had before are refused from now on."""
        with self.lock:
            workspace = self._by_name[name]
            kept = {old: owner for old, owner in self._by_token.items() if owner is not workspace}
            self._by_token = {**kept, token: workspace}

    def revoke(self, token: str) -> None:
        """Refuse the token from now on; an unknown one is refused already."""
        with self.lock:
            self._by_token.pop(token, None)

    def authenticate(self, authorization: str | None) -> Workspace:
        """Find the workspace of a ``Bearer`` header.

        Raises:
            Refusal: 401, the header is missing or its token unknown.

        """
        scheme, _, token = (authorization or "").partition(" ")
        workspace = self._by_token.get(token.strip())
        if scheme != "Bearer" or workspace is None:
            raise refusals.unauthenticated(self.switches.unauthenticated_body)
        return workspace

    def campaign(self, workspace: Workspace, key: str) -> Campaign:
        """Find a campaign by its id.

        Raises:
            Refusal: 403, it is another workspace's; 404, nobody has it.

        """
        number = int(key) if key.isdecimal() else -1
        found = workspace.campaigns.get(number)
        if found is not None:
            return found
        if any(number in other.campaigns for other in self.workspaces()):
            raise refusals.wrong_workspace()
        raise refusals.not_found("campaign", key)

    def lead(self, workspace: Workspace, key: str) -> Lead:
        """Find a lead by its id or its e-mail address.

        Raises:
            Refusal: 403, the id is another workspace's; 404, nobody has it.

        """
        if not key.isdecimal():
            by_email = workspace.leads.get(key.lower())
            if by_email is None:
                raise refusals.not_found("lead", key)
            return by_email

        found = workspace.leads_by_id.get(int(key))
        if found is not None:
            return found
        if any(int(key) in other.leads_by_id for other in self.workspaces()):
            raise refusals.wrong_workspace()
        raise refusals.not_found("lead", key)

    def all_campaigns(self) -> Iterator[Campaign]:
        """Go through the campaigns of all workspaces."""
        for workspace in self.workspaces():
            yield from workspace.campaigns.values()

    def clear(self) -> None:
        """Forget leads, campaigns and refused addresses; workspaces, tokens and variables stay."""
        with self.lock:
            self.refused_emails.clear()
            for workspace in self._by_name.values():
                workspace.leads.clear()
                workspace.leads_by_id.clear()
                workspace.campaigns.clear()
