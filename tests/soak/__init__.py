"""Ten minutes of everything at once: `make soak`.

Fifty workspaces import, plan and upload through real workers, while a seeded stream of faults hits
processes, Redis, PostgreSQL and Email Bison, and people decide in between. Every few seconds, and
at rest, the laws of the record are asked of all that is on record and all that the stub holds.
"""
