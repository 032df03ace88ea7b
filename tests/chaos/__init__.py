"""Real faults on real processes, one after the other: `make chaos`.

Each fault has a stage of its own: private PostgreSQL and Redis, the stub, `maverick up`. The fault
strikes while requests are under way. Once every batch has come to rest, the laws of the record are
asked, and what is counted is compared with what the stub holds.
"""
