"""A day of a call centre, simulated, and the pacing policies that are compared on it."""
