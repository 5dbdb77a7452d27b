"""What happened, told to people: performance measures, tables and reports."""
