"""What is over goes: seen beforehand, batch by batch, noted with each row, and reported."""
