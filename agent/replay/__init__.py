"""Replay: recorded ticks through the whole core, on paper."""
