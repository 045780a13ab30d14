"""The law of requests."""
