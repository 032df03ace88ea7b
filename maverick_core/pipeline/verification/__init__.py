"""Candidates become contacts when their mailboxes are known to take mail, or are named with why."""
