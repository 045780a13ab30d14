"""Imports, scrubs and lookups on both databases."""
