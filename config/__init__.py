"""Settings, playbooks and instruments: TOML files and the code that reads and refuses them."""
