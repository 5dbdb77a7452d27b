"""The oracle: docs/rules.md read once more, in slow plain Python, to judge the compiled core.

Nothing here is imported by the program, and nothing of the program's logic is imported here.
"""
