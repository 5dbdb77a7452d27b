"""What could be traded: features, rules, playbooks and planner. Pure, knows only `domain`."""
