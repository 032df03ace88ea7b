"""Which work runs where, as data: queues, routes, worker groups, and the checks on them."""
