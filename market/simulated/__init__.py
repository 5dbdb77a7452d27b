"""The simulated market: seeded ticks without an edge, made for tests, demonstrations and learners.

Everything it shows is labelled SIMULATED. What it models and why nobody can win in it stands in
docs/simulation.md.
"""
