"""Work that is announced in the transaction that makes it, and the life of each piece of it."""
