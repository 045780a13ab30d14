"""How long data stays."""
