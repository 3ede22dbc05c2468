"""Parts played by rules from a chord plan."""
