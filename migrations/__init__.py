"""The database, one numbered thought at a time."""
