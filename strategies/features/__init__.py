"""The feature cache: what one tick changes (docs/rules.md, section 2)."""
