"""The adapters: databases, Email Bison, settings, clocks. They serve the ports of the core."""
