"""The consent ledger at work: given, withdrawn, shown, receipted, expired."""
