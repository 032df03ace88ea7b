"""Who must not be written to, whatever list they stand on: it beats every way to the upload."""
