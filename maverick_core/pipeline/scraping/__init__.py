"""Raw contacts from public sites: what a source is, what may be fetched, what a page yields."""
