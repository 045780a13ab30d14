"""What is entered in the sealed logs, and how it is kept there."""
