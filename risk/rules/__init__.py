"""The rules of section 5 of docs/rules.md: one small function each, and the order they run in.

A rule answers None where it holds. Every comparison is written so that a NaN breaks the rule.
"""
