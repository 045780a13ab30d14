"""The way out that every message can carry: a signed link, what it shows, and what it stops."""
