"""The steps from a list to a report, in reading order."""
