"""Every table, by family."""
