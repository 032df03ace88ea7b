"""Verified contacts become batches of one workspace and month, never more than the target needs."""
