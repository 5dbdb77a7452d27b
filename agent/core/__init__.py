"""The decision core: a fold of events to outputs, without clock, file, socket or task."""
