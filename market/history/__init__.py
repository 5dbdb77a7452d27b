"""Recorded ticks: reading, checking and merging files; what must be assumed about unknown ones."""
