"""The shared language: units, enums, events, orders, records and ports. Pure, imports no room."""
