"""A seller leaves: everything of theirs is returned or deleted, and a certificate says what became of it."""
