"""The monthly report of a seller, recounted from rows."""
