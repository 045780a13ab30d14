"""Texts: senders, what follows from failures, templates."""
