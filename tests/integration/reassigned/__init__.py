"""Answers of the Reassigned Numbers Database: asked when needed, kept, and acted on."""
