"""The actors, one module a queue. An actor takes ids, calls one use case, and is done."""
