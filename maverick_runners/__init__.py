"""The runners: queues, actors and the command line that drive the core."""
