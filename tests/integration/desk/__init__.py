"""What agents do with calls and after them."""
