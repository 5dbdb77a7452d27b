"""What runs the core as a service: the ring, the sequencer, and what they hand on."""
