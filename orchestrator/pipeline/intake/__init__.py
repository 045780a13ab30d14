"""From a messy file to people on a list: read, map, judge and store every record."""
