"""What is kept: recordings of what the core consumed and said, and the ledgers of what was done.

Each file has one writer, which holds its lock; everyone else reads.
"""
