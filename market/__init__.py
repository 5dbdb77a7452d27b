"""Market data in: readers, feeds, sessions, history and the simulated market."""
