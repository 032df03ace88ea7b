"""Email Bison over HTTP: pushes leads, attaches them to campaigns, says whose token it is."""

from maverick_adapters.bison.bison import HttpBison

__all__ = ["HttpBison"]
