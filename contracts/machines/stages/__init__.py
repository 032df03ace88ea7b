"""Machines that drive all stores at once through the stages before the upload, and operations."""
