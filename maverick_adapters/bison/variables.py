"""Makes sure that the workspace has the custom variables that leads refer to.

One that it lacks refuses a whole chunk. There is no way to delete one, so what was seen once is
believed until a push says otherwise.
"""

from __future__ import annotations

from typing import Final

from maverick_adapters.bison import wire
from maverick_adapters.bison.answers import Trouble, before_sending
from maverick_adapters.bison.complaints import Complaint, read_complaint
from maverick_adapters.bison.line import Line
from maverick_adapters.bison.single_flight import SingleFlight
from maverick_core.pipeline.upload.answers import Misconfigured, Refused

_PATH: Final = "/api/custom-variables"
_PAGES: Final = 1_000  # as far as the API counts


class CustomVariables:
    """The names that one workspace is known to have, in lower case, as the API keeps them."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._known: set[str] | None = None
        self._walks = SingleFlight[set[str] | Trouble]()

    def ensure(self, line: Line, names: set[str]) -> Trouble | None:
        """Make those of ``names`` that are missing; returns what stands in the way of that."""
        if not names:
            return None
        known = self._known
        if known is None:
            walked = self._walks.do("walk", lambda: _walk(line))
            if not isinstance(walked, set):
                return before_sending(walked)
            known = self._known = walked
        for name in sorted(names - known):
            if met := _make(line, name):
                return before_sending(met)
            known.add(name)
        return None

    def forget(self) -> None:
        """Look again next time: Email Bison says that one is missing."""
        self._known = None


def _walk(line: Line) -> set[str] | Trouble:
    known: set[str] = set()
    for number in range(1, _PAGES + 1):
        page = line.get(f"{_PATH}?page={number}", _page)
        if not isinstance(page, wire.VariablePage):
            return page
        known.update(row.name.lower() for row in page.data)
        if not page.data or number >= page.meta.last_page:
            break
    return known


def _page(body: bytes) -> wire.VariablePage:
    return wire.decode(wire.VariablePage, body)


def _make(line: Line, name: str) -> Trouble | None:
    answer = line.post(_PATH, wire.NameBody(name), read_complaint)
    if isinstance(answer, Complaint):
        # Any other 2xx is success enough: the push is about to tell.
        refused = answer.success is False
        return Misconfigured("custom_variable_refused", _REFUSED) if refused else None
    if isinstance(answer, Refused):
        taken = "already been taken" in answer.detail
        return None if taken else Misconfigured("custom_variable_refused", answer.detail)
    return answer


_REFUSED: Final = "Email Bison does not want to make a custom variable that the leads have."
