"""The migrations, and what alembic needs to run them."""

from typing import Final

HEAD: Final = "0012"
"""The revision that this version works on, so that a command need not load alembic to compare."""
