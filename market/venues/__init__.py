"""What venues send, decoded: one file a venue, or family of them, and nothing above it."""
