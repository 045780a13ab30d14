"""What people may ask about their own data, and how it is answered."""
