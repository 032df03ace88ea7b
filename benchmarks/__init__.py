"""Side-by-side benchmarks: ``python -m benchmarks``, or ``make bench`` beside a fresh database."""
