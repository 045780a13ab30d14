"""Every rule in config/, row by row."""
