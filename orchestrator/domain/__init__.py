"""Nouns: frozen dataclasses and enums that everything else speaks in."""
