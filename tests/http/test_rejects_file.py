"""The file of those who were not taken, read no more often than it has to be."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

import pytest

from maverick_core.pipeline.contact import ContactState
from maverick_core.pipeline.lead import Lead
from maverick_core.pipeline.views import MemberView
from maverick_http.rejects import rejects_file


class Batch:
    """Five contacts who were refused, each with a variable of its own, that count how often."""

    def __init__(self) -> None:
        """Have been read by nobody."""
        self.read: list[int] = []
        self.left: set[int] = set()

    def members(self, after: int) -> Iterator[MemberView]:
        """Yield those behind, but for those who left."""
        for number in sorted({*range(after + 1, 5)} - self.left):
            email = f"p{number}@agency.example"
            yield MemberView(number, number, email, ContactState.REJECTED, None, "bounced")

    def leads(self, ids: Sequence[int]) -> list[Lead]:
        """Return their rows."""
        self.read += ids
        return [
            Lead(
                contact_id=number,
                email=f"p{number}@agency.example",
                first_name="Pat",
                last_name=None,
                title=None,
                company=None,
                notes=None,
                variables=f'{{"v{number}": "x"}}',
            )
            for number in ids
        ]


@pytest.mark.parametrize(
    ("held", "again"), [(9, []), (5, []), (4, [4]), (1, [1, 2, 3, 4]), (0, [0, 1, 2, 3, 4])]
)
def test_only_those_who_cannot_be_held_are_read_again(held: int, again: list[int]) -> None:
    """Each has a row whichever it is, and every variable has its column."""
    batch = Batch()
    text = b"".join(rejects_file(batch.members, batch.leads, held=held)).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))

    assert batch.read == [0, 1, 2, 3, 4, *again]
    assert [row["reject_row"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert [row[f"v{number}"] for number, row in enumerate(rows)] == ["x"] * 5


def test_who_leaves_while_it_is_read_takes_nobody_elses_place() -> None:
    """A batch that is queued again meanwhile has fewer who were refused."""
    batch = Batch()
    parts = rejects_file(batch.members, batch.leads, held=2)
    next(parts)
    batch.left = {0, 1}
    text = b"".join(parts).decode()

    assert [line.split(",")[0] for line in text.splitlines()] == ["1", "2", "3", "4", "5"]
