"""How a seller leaves, and how far it is."""

from enum import StrEnum


class Way(StrEnum):
    """What becomes of a leaving seller's data: given back and then deleted, or deleted."""

    RETURN = "return"
    DELETE = "delete"


class ClosingState(StrEnum):
    """How far a closing is."""

    STOPPING = "stopping"  # nothing new begins; what is on its way is taken back
    RETURNING = "returning"
    DELETING = "deleting"
    CLOSED = "closed"
