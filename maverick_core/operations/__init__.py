"""Long work that a person asks for: on record, run by a worker, its outcome kept."""
