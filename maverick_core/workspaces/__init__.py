"""A workspace is one client's own: its time zone, its token, its contacts, its targets."""
