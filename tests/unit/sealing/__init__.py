"""The tree, and what is said of it."""
