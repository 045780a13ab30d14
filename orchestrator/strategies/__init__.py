"""Pure: what the next step of an enrollment is."""
