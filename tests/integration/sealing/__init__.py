"""Sealed logs over real databases, and whoever would change them."""
