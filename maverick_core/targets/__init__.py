"""The monthly target: how many contacts Email Bison is to have taken, and how far that is."""
