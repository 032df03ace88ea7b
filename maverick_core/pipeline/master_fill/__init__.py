"""The master list: every known contact once over all workspaces, and what it can refill."""
