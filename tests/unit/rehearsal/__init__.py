"""The parts of a rehearsal that need no database."""
