"""Databases on a test server: made in milliseconds, copied from a template, dropped at the end."""

import itertools
import secrets
from collections.abc import Callable

import psycopg
from psycopg import sql
from sqlalchemy import URL


class Databases:
    """Make and drop databases of our own on the server at `address`.

    Names begin with `maverick_`, the owner and a random part, so that several test processes, and
    several runs, share a server without meeting.
    Addresses come back as text for SQLAlchemy: `postgresql+psycopg://…`.
    """

    def __init__(self, address: URL, *, owner: str) -> None:
        self._address = address
        self._names = (
            f"maverick_{owner}_{secrets.token_hex(3)}_{number}" for number in itertools.count(1)
        )
        self._made: list[str] = []
        self._templates: dict[Callable[[str], None], str] = {}

    def create(self, *, template: str = "template1") -> str:
        """Make a database, empty or a copy of `template`, and return its address."""
        name = next(self._names)
        self._execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        self._made.append(name)

        return self._address.set(database=name).render_as_string(hide_password=False)

    def template(self, setup: Callable[[str], None]) -> Callable[[], str]:
        """Run `setup` once on an empty database; each call of the result copies that database.

        `setup` receives the address and must leave no connection open (dispose of its engine):
        PostgreSQL copies only a database that nobody is using.
        """
        if setup not in self._templates:
            address = self.create()
            setup(address)
            self._templates[setup] = self._made[-1]
        template = self._templates[setup]

        return lambda: self.create(template=template)

    def drop(self, name: str) -> None:
        """Drop one database that was made here, along with connections still open to it."""
        self._made.remove(name)
        self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def drop_all(self) -> None:
        """Drop everything that was made here."""
        for name in tuple(self._made):
            self.drop(name)

    def _execute(self, statement: sql.Composed) -> None:
        conninfo = self._address.set(drivername="postgresql")
        with psycopg.connect(
            conninfo.render_as_string(hide_password=False), autocommit=True
        ) as connection:
            connection.execute(statement)
