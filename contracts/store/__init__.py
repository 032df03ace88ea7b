"""The record: one suite for each port of it, run on every store."""
