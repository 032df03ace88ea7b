"""One batch to the destination: every contact ends with an outcome, whatever fails on the way."""
