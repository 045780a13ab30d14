"""Rehearsals: what they copy, how they play, and what they leave alone."""
