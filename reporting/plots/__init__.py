"""Figures of a replay. Nothing here is imported before a figure is asked for, but its `data`."""
