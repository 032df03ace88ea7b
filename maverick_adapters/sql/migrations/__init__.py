"""The migrations, and what alembic needs to run them."""
