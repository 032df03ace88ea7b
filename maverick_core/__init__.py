"""The pure core of Maverick."""
