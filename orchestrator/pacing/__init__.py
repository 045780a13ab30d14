"""Pure: how many calls now, and when the next may leave."""
