"""What ``maverick db`` prints is what a database understands."""

from __future__ import annotations

from tests.runners.conftest import Run


def test_roles_are_printed_as_statements_of_a_script(maverick: Run) -> None:
    """A role's name is quoted, whatever it is; no database is asked."""
    ran = maverick("db", "roles", 'app"; DROP TABLE contacts; --')

    *statements, nothing = ran.out.split(";\n")
    assert (ran.code, nothing) == (0, "")
    assert (
        statements
        == maverick("db", "roles", 'app"; DROP TABLE contacts; --', "-o", "json").json["statements"]
    )
    assert all('"app""; DROP TABLE contacts; --"' in statement for statement in statements)
