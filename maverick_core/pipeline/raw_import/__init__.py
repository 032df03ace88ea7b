"""A list that nobody has judged becomes raw contacts: page by page, once, whatever happens."""
