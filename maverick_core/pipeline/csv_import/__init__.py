"""A list that was verified elsewhere becomes contacts; every row that does not is named."""
