"""The front door: a sink for each workspace, and the question whose token it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final, TypeVar

from maverick_adapters.bison.access import CHECK_SECONDS, Access
from maverick_adapters.bison.address import check_address
from maverick_adapters.bison.answers import TOKEN_REFUSED, Trouble
from maverick_adapters.bison.campaigns import attach
from maverick_adapters.bison.client import Client, TransportFactory, direct
from maverick_adapters.bison.leads import push
from maverick_adapters.bison.line import Line, who_am_i
from maverick_adapters.bison.pace import Pace
from maverick_adapters.bison.variables import CustomVariables
from maverick_core.kernel.errors import Unauthorised, Unavailable
from maverick_core.pipeline.lead import Lead
from maverick_core.pipeline.upload import answers
from maverick_core.pipeline.upload.answers import AttachAnswer, PushAnswer
from maverick_core.workspaces.ports import TokenIdentity, Tokens

CONNECT_SECONDS: Final = 10.0
TIMEOUT_SECONDS: Final = 120.0  # 500 leads were seen to take more than 60
REQUESTS_PER_MINUTE: Final = 3_000  # the vendor's figure for one token

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Habits:
    """How an instance is uploaded to."""

    confirm_attach: bool
    """Ask after each attach which leads the campaign really has; costs a request a chunk."""
    create_only: bool
    """Use the route that refuses leads that exist. An answer that is lost cannot be settled there:
    what was taken is refused when it is sent again, and so is not counted."""


class HttpBison:
    """Email Bison over HTTP, for all workspaces and any number of threads.

    Serves ``LeadSinks`` and ``TokenProbe``. Only ``close`` ends its connections.
    """

    def __init__(
        self,
        base_url: str,
        tokens: Tokens,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        connect_seconds: float = CONNECT_SECONDS,
        requests_per_minute: int = REQUESTS_PER_MINUTE,
        confirm_attach: bool = True,
        create_only: bool = False,
        transports: TransportFactory | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Prepare; nothing is connected yet.

        ``requests_per_minute`` is kept for each workspace in this process. ``transports`` makes
        what the requests travel on, for tests that stay in the process.

        Raises:
            Rejected: ``bad_bison_url``.

        """
        self._client = Client(
            check_address(base_url),
            transports=transports or direct(),
            connect_seconds=connect_seconds,
            timeout_seconds=timeout_seconds,
            monotonic=monotonic,
        )
        self._tokens = tokens
        self._habits = Habits(confirm_attach, create_only)
        self._requests_per_minute = requests_per_minute
        self._monotonic = monotonic
        self._sleep = sleep
        self._shared: dict[int, tuple[Access, CustomVariables]] = {}
        self._lock = Lock()

    def sink(self, workspace_id: int) -> BisonSink:
        """Return a new sink of the workspace. All of its sinks share pace and knowledge."""
        with self._lock:
            if workspace_id not in self._shared:
                line = self._line(token="")  # its workspace's comes later
                access = Access(workspace_id, self._tokens, line, self._monotonic)
                self._shared[workspace_id] = access, CustomVariables()
            access, variables = self._shared[workspace_id]
        return BisonSink(access, variables, self._habits, self._monotonic)

    def identify(self, token: str) -> TokenIdentity:
        """Return whose token it is; see ``TokenProbe`` for the errors."""
        answer = who_am_i(self._line(token))
        if isinstance(answer, TokenIdentity):
            return answer
        if isinstance(answer, answers.Unauthorised):
            raise Unauthorised(
                TOKEN_REFUSED.detail,
                code=TOKEN_REFUSED.code,
                remedy="Make an api-user token in the workspace's settings in Email Bison.",
            )
        raise Unavailable(
            _detail(answer), code="bison_unavailable", remedy="Try again in a few minutes."
        )

    def _line(self, token: str) -> Line:
        """Return a line with a pace of its own."""
        pace = Pace(self._requests_per_minute, monotonic=self._monotonic, sleep=self._sleep)
        return Line(self._client, pace, token)

    def close(self) -> None:
        """End all connections; a request that is sent later is answered as not reachable."""
        self._client.close()


def _detail(answer: Trouble) -> str:
    if isinstance(answer, answers.Limited):
        return "Email Bison asks to slow down."
    return answer.detail


class BisonSink:
    """One workspace's ``LeadSink``; safe to share between the threads of an upload."""

    def __init__(
        self,
        access: Access,
        variables: CustomVariables,
        habits: Habits,
        monotonic: Callable[[], float],
    ) -> None:
        """Ask nobody yet."""
        self._access = access
        self._variables = variables
        self._habits = habits
        self._monotonic = monotonic
        self._open: tuple[Line, float] | None = None

    def push(self, leads: Sequence[Lead]) -> PushAnswer:
        """Create or update the leads; see ``LeadSink``."""
        create_only = self._habits.create_only
        return self._on_a_line(
            lambda line: push(line, leads, self._variables, create_only=create_only)
        )

    def attach(
        self, campaign_id: int, leads: Sequence[Lead], lead_ids: Sequence[int]
    ) -> AttachAnswer:
        """Put leads that were pushed into the campaign; see ``LeadSink``."""
        confirm = self._habits.confirm_attach
        return self._on_a_line(
            lambda line: attach(line, campaign_id, leads, lead_ids, confirm=confirm)
        )

    def _on_a_line(self, errand: Callable[[Line], _Answer]) -> _Answer | Trouble:
        """Run ``errand``, and once more if its token is refused but was replaced meanwhile."""
        line = self._line()
        if not isinstance(line, Line):
            return line
        answer = errand(line)
        if not isinstance(answer, answers.Unauthorised):
            return answer
        self._open = None
        renewed = self._access.reopen(line)
        return errand(renewed) if renewed else answer

    def _line(self) -> Line | Trouble:
        """Return the open line; the record is asked for the token now and then, not every time."""
        if self._open and self._open[1] > self._monotonic():
            return self._open[0]
        line = self._access.open()
        if isinstance(line, Line):
            self._open = line, self._monotonic() + CHECK_SECONDS
        return line
