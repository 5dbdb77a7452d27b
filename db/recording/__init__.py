"""What the core consumed and said, on disk: written beside the fold, read by `replay --verify`.

docs/recording.md has the format, byte by byte, and what it promises.
"""
