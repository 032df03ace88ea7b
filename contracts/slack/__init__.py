"""Slack: the stub, and its own tests."""
