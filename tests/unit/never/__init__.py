"""What must never happen, whatever is drawn."""
