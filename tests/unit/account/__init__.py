"""What a look at the account comes to."""
