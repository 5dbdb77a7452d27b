"""Live feeds: from a venue's messages to judged ticks in the ring."""
