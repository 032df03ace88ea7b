"""The stub as its users hold it: script it before, talk to it over HTTP, look into it after."""

import time
from collections.abc import Callable, Iterable, Mapping
from wsgiref.types import WSGIApplication

from contracts.bison.stub import answers, app, inspection
from contracts.bison.stub.accounting import RequestLog
from contracts.bison.stub.faults import Fault, Script
from contracts.bison.stub.gate import Gate
from contracts.bison.stub.pace import Pace
from contracts.bison.stub.records import Campaign, Workspace
from contracts.bison.stub.state import Store
from contracts.bison.stub.switches import Switches

DEFAULT_SWITCHES = Switches()


class BisonStub:
    """An Email Bison instance in memory; thread-safe, and the same run for the same requests.

    ``app`` is a WSGI application: give it to ``httpx.WSGITransport`` or to ``serve``.
    Workspaces are named by the name they were added under, campaigns by their id.
    """

    def __init__(
        self,
        switches: Switches = DEFAULT_SWITCHES,
        *,
        seed: int = 0,
        requests_per_minute: int | None = None,
        accounting: bool = True,
        refused_emails: Mapping[str, str] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Open an instance without workspaces.

        ``accounting=False`` keeps counts by route and status only (for benchmarks);
        ``refused_emails`` maps addresses to the text they are refused with as invalid rows;
        ``seed`` decides the draws of faults with a probability.
        """
        self._store = Store(switches)
        self._store.count_pushes = accounting
        self._script = Script(seed)
        self._pace = Pace(requests_per_minute, monotonic)

        self.requests = RequestLog()
        """What was asked: ``total``, ``by_route``, ``by_status``, ``by_chunk``, ``recent``."""
        self.requests.keep = accounting

        for email, reason in (refused_emails or {}).items():
            self.refuse(email, reason)
        routes = app.build(self._store)
        inspection.add_routes(routes, self)
        self._gate = Gate(routes, self._store, self._script, self.requests, self._pace, sleep)
        self.app: WSGIApplication = self._gate

    @property
    def store(self) -> Store:
        """What the routes read and write."""
        return self._store

    @property
    def switches(self) -> Switches:
        """Which accounts of the API hold; may be exchanged at any time."""
        return self._store.switches

    @switches.setter
    def switches(self, switches: Switches) -> None:
        self._store.switches = switches

    def add_workspace(
        self,
        name: str,
        token: str,
        *,
        id: int | None = None,  # noqa: A002 - the API's word
        variables: Iterable[str] = (),
    ) -> Workspace:
        """Open a workspace with its token and custom variables.

        Raises:
            ValueError: the name or the token is in use.

        """
        return self._store.add_workspace(name, token, id, variables)

    def replace_token(self, workspace: str, token: str) -> None:
        """Give a workspace a new token; the old ones answer 401 from now on."""
        self._store.replace_token(workspace, token)

    def revoke(self, token: str) -> None:
        """Let a token answer 401 from now on."""
        self._store.revoke(token)

    def add_campaign(self, workspace: str, name: str, *, status: str = "draft") -> int:
        """Open a campaign and return its id."""
        store = self._store
        with store.lock:
            found = store.workspace(workspace)
            return store.add_campaign(found, name, "outbound", status).id

    def set_campaign_status(self, campaign: int, status: str) -> None:
        """Launch, pause or end a campaign; its members' statuses stay as they are."""
        with self._store.lock:
            self._campaign(campaign).status = status

    def set_lead_status(self, workspace: str, email: str, status: str) -> None:
        """Let a lead have bounced, unsubscribed, or been verified."""
        store = self._store
        with store.lock:
            store.workspace(workspace).leads[email.lower()].status = status

    def set_member_status(self, campaign: int, email: str, status: str) -> None:
        """Let a member have been contacted, replied, or finished the sequence."""
        with self._store.lock:
            for lead in self._campaign(campaign).members.values():
                if lead.email.lower() == email.lower():
                    lead.join(campaign, status)

    def sync_campaigns(self) -> None:
        """Do what the API does every five minutes: active campaigns' totals catch up."""
        with self._store.lock:
            for campaign in self._store.all_campaigns():
                campaign.unsynced = 0

    def refuse(self, email: str, reason: str | None = None) -> None:
        """Call an address invalid wherever it comes from now on."""
        default = "The {path} field must be a valid email address."
        self._store.refused_emails[email.lower()] = reason or default

    def accept(self, email: str) -> None:
        """Take an address again that was refused."""
        self._store.refused_emails.pop(email.lower(), None)

    def script(self, fault: Fault) -> int:
        """Put a fault in force and return its number."""
        return self._script.add(fault)

    def lift(self, number: int) -> None:
        """Take a fault out of force."""
        self._script.remove(number)

    def clear_faults(self) -> None:
        """Take all faults out of force; requests still on their way arrive all the same."""
        self._script.clear()

    def faults(self) -> list[tuple[int, Fault, int]]:
        """List the faults in force: number, fault, how many requests it has met."""
        return self._script.listed()

    def deliver_late(self) -> int:
        """Let every request that is still on its way arrive, and return how many there were."""
        return self._gate.deliver_late()

    def held(self, workspace: str) -> set[str]:
        """Name the lower-cased addresses of a workspace's leads."""
        with self._store.lock:
            return set(self._store.workspace(workspace).leads)

    def held_count(self, workspace: str) -> int:
        """Count a workspace's leads."""
        return len(self._store.workspace(workspace).leads)

    def held_in_campaign(self, campaign: int) -> set[str]:
        """Name the lower-cased addresses of a campaign's leads."""
        with self._store.lock:
            return {lead.email.lower() for lead in self._campaign(campaign).members.values()}

    def lead(self, workspace: str, email: str) -> answers.Record | None:
        """Show what the stub holds of a lead, as the API shows it; ``None`` if it has none."""
        with self._store.lock:
            found = self._store.workspace(workspace).leads.get(email.lower())
            return answers.plain(found) if found else None

    @property
    def pushes(self) -> dict[str, int]:
        """How often each held address was pushed and accepted, over all workspaces."""
        pushes: dict[str, int] = {}
        with self._store.lock:
            for workspace in self._store.workspaces():
                for email, lead in workspace.leads.items():
                    pushes[email] = pushes.get(email, 0) + lead.pushes
        return pushes

    def reset(self) -> None:
        """Forget leads, campaigns, faults and the log; workspaces, tokens, variables stay."""
        self._gate.forget_late()
        self._script.clear()
        self._store.clear()
        self.requests.clear()

    def _campaign(self, campaign: int) -> Campaign:
        for each in self._store.all_campaigns():
            if each.id == campaign:
                return each
        raise KeyError(f"no campaign {campaign}")
