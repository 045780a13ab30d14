"""Pure: may this attempt be made at this moment, and if not, when or what would change that."""
