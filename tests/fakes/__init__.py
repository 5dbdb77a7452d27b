"""Venues of our own, on loopback, that real clients speak to."""
