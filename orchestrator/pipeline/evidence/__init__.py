"""Evidence packs: everything about one number, for a lawyer to read and a machine to verify."""
