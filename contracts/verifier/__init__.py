"""A verification provider to test against."""
