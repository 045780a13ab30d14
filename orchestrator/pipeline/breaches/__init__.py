"""Data in the wrong hands: whose it was, which clocks run, and what has to be said to whom."""
