"""Raw contacts become candidates, or are filtered with a code that says why."""
