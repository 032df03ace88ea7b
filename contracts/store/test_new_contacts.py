"""``NewContacts``: what an import adds, and what it leaves as it was."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from contracts.store.site import Site, at_once, contact
from maverick_core.pipeline.csv_import.ports import ImportCounts, NewContact
from maverick_core.workspaces.rules import Workspace

AWKWARD = NewContact(
    email="zoë@xn--bcher-kva.example",
    first_name='Zo\u00eb "the\\N" O\'Neill',
    last_name="\\.",
    title="=SUM(A1)",
    company="Tab\there",
    notes="Two\nlines, and a \U0001f600 \\t",
    variables='{"a": "\\u00e9 \\\\ \\""}',
)


@pytest.fixture
def acme(site: Site) -> Workspace:
    """Add a workspace without contacts."""
    return site.workspace()


def begin(site: Site, workspace: Workspace, file_name: str = "list.csv") -> int:
    """Open an import of this moment."""
    return site.record.begin_import(workspace.id, file_name, at=site.clock.now())


def add(site: Site, import_id: int, *names: str, rows: int | None = None) -> dict[str, int]:
    """Add contacts, each from a row of its own unless ``rows`` were read."""
    known = site.record.add_contacts(
        import_id,
        [contact(name) for name in names],
        rows_read=len(names) if rows is None else rows,
        at=site.clock.now(),
    )
    return dict(known)


def test_a_contact_comes_back_as_it_went_in(site: Site, acme: Workspace) -> None:
    """Quotes, back slashes, tabs, line ends and astral characters survive every road in."""
    import_id = begin(site, acme)
    site.record.add_contacts(import_id, [AWKWARD], rows_read=1, at=site.clock.now())

    contact_id = site.ids(acme)[AWKWARD.email]
    [lead] = site.record.leads(acme.id, [contact_id])

    assert lead == (contact_id, *AWKWARD)


def test_new_contacts_get_rising_ids_in_their_order(site: Site, acme: Workspace) -> None:
    """Plans take contacts by id, so the order of the file is the order of upload."""
    names = [f"{number:04d}" for number in reversed(range(1_200))]

    ids = site.contacts(acme, *names)

    assert ids == sorted(ids)


def test_a_known_mailbox_stays_as_it_is_and_names_its_import(site: Site, acme: Workspace) -> None:
    """The second import adds only what is new."""
    first, second = begin(site, acme, "one.csv"), begin(site, acme, "two.csv")
    add(site, first, "ann", "bob")
    before = site.ids(acme)

    known = add(site, second, "bob", "cy")

    assert known == {contact("bob").email: first}
    assert site.ids(acme).items() > before.items()
    assert site.ids(acme).keys() == {contact(name).email for name in ("ann", "bob", "cy")}


def test_the_first_contact_of_a_mailbox_is_the_one_that_stays(site: Site, acme: Workspace) -> None:
    """An import never overwrites what is on record."""
    add(site, begin(site, acme), "ann")
    changed = contact("ann")._replace(first_name="Other")

    site.record.add_contacts(begin(site, acme), [changed], rows_read=1, at=site.clock.now())

    [lead] = site.record.leads(acme.id, list(site.ids(acme).values()))
    assert lead.first_name == "Ann"


def test_one_mailbox_may_be_a_contact_of_two_workspaces(site: Site, acme: Workspace) -> None:
    """Contacts are unique within a workspace only."""
    zeta = site.workspace("zeta")
    add(site, begin(site, acme), "ann")

    assert add(site, begin(site, zeta), "ann") == {}
    assert site.ids(zeta).keys() == site.ids(acme).keys()


def test_rows_are_added_or_rejected(site: Site, acme: Workspace) -> None:
    """Of the rows read, what did not become a contact counts as rejected."""
    import_id = begin(site, acme)
    add(site, import_id, "ann", "bob", rows=5)
    add(site, import_id, "bob", "cy", rows=2)
    add(site, import_id, rows=3)

    counts = site.record.finish_import(import_id, at=site.clock.now())

    assert counts == ImportCounts(rows=10, added=3, rejected=7)


def test_an_import_of_nothing_has_no_rows(site: Site, acme: Workspace) -> None:
    """An empty file is an import too."""
    counts = site.record.finish_import(begin(site, acme), at=site.clock.now())

    assert counts == ImportCounts()


def test_known_contacts_are_those_of_the_workspace(site: Site, acme: Workspace) -> None:
    """Each with its import; what is not known is not in the answer."""
    zeta = site.workspace("zeta")
    first, second = begin(site, acme), begin(site, acme)
    add(site, first, "ann")
    add(site, second, "bob")
    add(site, begin(site, zeta), "cy")
    asked = [contact(name).email for name in ("ann", "bob", "cy", "di")]

    assert site.record.known_contacts(acme.id, asked) == {asked[0]: first, asked[1]: second}
    assert site.record.known_contacts(acme.id, []) == {}


class BrokenOff(list[NewContact]):
    """A list that cannot be read to its end."""

    def __iter__(self) -> Iterator[NewContact]:
        yield self[0]
        raise ConnectionError


def test_an_exception_leaves_no_contact_and_no_count(site: Site, acme: Workspace) -> None:
    """Contacts and the import's record change together or not at all."""
    import_id = begin(site, acme)
    broken = BrokenOff([contact("ann"), contact("bob")])

    with pytest.raises(ConnectionError):
        site.record.add_contacts(import_id, broken, rows_read=2, at=site.clock.now())

    assert site.ids(acme) == {}
    assert site.record.finish_import(import_id, at=site.clock.now()) == ImportCounts()


def test_two_imports_at_once_add_each_mailbox_once(site: Site, acme: Workspace) -> None:
    """What one import was faster with, the other is told of."""
    names = [f"p{number}" for number in range(40)]
    imports = [begin(site, acme) for _ in range(4)]

    answers = at_once(*(partial(add, site, import_id, *names) for import_id in imports))

    added = [
        site.record.finish_import(import_id, at=site.clock.now()).added for import_id in imports
    ]
    assert sum(added) == len(site.ids(acme)) == len(names)
    assert [len(names) - len(answer) for answer in answers if isinstance(answer, dict)] == added
