"""The terminal's door: parses, calls the platform, renders. It decides nothing."""
