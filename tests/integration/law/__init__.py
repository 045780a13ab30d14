"""Which rulebook is in force, replays, and declared emergencies."""
