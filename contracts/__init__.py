"""The contract suites: what every adapter of a port keeps to."""
