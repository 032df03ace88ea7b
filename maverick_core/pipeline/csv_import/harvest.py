"""What one page of a file yields: contacts, and every other row with the reason why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from maverick_core.pipeline.csv_import.ports import NewContact, Page, RejectedRow
from maverick_core.pipeline.csv_import.rows import ContactRows
from maverick_core.pipeline.csv_import.rules import BadRow, RejectCode


class Harvest:
    """The contacts of one page, each mailbox once, and what became of its other rows."""

    def __init__(self, page: Page, rows: ContactRows) -> None:
        """Judge each row."""
        self._page = page
        self._first_at: dict[str, int] = {}
        self._repeats: list[tuple[int, str]] = []
        self._bad: list[tuple[int, BadRow]] = []
        self.contacts: list[NewContact] = []
        self._judge(rows)

    @property
    def rows_read(self) -> int:
        """The page's rows; those in which nothing stands are none."""
        return len(self.contacts) + len(self._repeats) + len(self._bad)

    def rejected(self, known: Mapping[str, int], import_id: int) -> Sequence[RejectedRow]:
        """Return the rows that were not added, in the file's order.

        ``known`` are the contacts that were on record before the page, with the import each came
        with: ``import_id`` is this one, so such a row repeats one of an earlier page.
        """
        repeats = [(self._first_at[email], email) for email in known] + self._repeats
        verdicts = self._bad + [
            (at, BadRow(_duplicate(known.get(email, import_id), import_id)))
            for at, email in repeats
        ]
        verdicts.sort(key=lambda verdict: verdict[0])
        first, rows = self._page.first_row, self._page.rows
        return [RejectedRow(first + at, bad.code, bad.reason, rows[at]) for at, bad in verdicts]

    def _judge(self, rows: ContactRows) -> None:
        unreadable = self._page.unreadable
        for at, row in enumerate(self._page.rows):
            if at in unreadable:
                self._bad.append((at, BadRow(RejectCode.UNREADABLE)))
                continue
            try:
                contact = rows.contact(row)
            except BadRow as bad:
                self._bad.append((at, bad))
            else:
                if contact is not None:
                    self._take(at, contact)

    def _take(self, at: int, contact: NewContact) -> None:
        if contact.email in self._first_at:
            self._repeats.append((at, contact.email))
            return
        self._first_at[contact.email] = at
        self.contacts.append(contact)


def _duplicate(came_with: int, import_id: int) -> RejectCode:
    if came_with == import_id:
        return RejectCode.DUPLICATE_IN_FILE
    return RejectCode.DUPLICATE_IN_WORKSPACE
