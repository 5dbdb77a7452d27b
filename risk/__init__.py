"""May it be traded, and how much: limits, breakers, sizing and the engine. Pure."""
