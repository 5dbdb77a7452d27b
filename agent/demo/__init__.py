"""The demonstration: a simulated market through the engine of the service, before one's eyes."""
