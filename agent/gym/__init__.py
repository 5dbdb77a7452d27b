"""The gym: a playbook through named simulated sessions, and what it did there (docs/gym.md)."""
