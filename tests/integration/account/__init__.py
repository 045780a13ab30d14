"""The account, held against our own books."""
