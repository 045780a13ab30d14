"""What two workers, and a person who says stop, may do to each other."""
