"""What faces the internet: the carrier's callbacks."""
