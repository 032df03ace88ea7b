"""Which stages have work, and asking workers for it: what lets the pipeline go on by itself."""
