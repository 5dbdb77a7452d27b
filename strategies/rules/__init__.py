"""Entry gates, plans, exits and stop movers (docs/rules.md, sections 3 and 4)."""
