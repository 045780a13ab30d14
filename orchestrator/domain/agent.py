"""Agents: people who talk with those we reach."""

from enum import StrEnum

ROOM_PREFIX = "agent-"


class AgentState(StrEnum):
    """What an agent is doing.

    ``reserved``: a call is being placed for this agent, or a preview lies before them. ``connecting``: claimed for a
    call that has been answered.
    """

    AWAY = "away"
    READY = "ready"
    RESERVED = "reserved"
    CONNECTING = "connecting"
    TALKING = "talking"
    WRAPPING = "wrapping"


def conference_room(agent_id: str) -> str:
    """The conference in which this agent waits, and which contacts are joined to."""
    return f"{ROOM_PREFIX}{agent_id}"


def is_agents_room(room: str) -> bool:
    """Whether an agent waits there, and not people who talk without one."""
    return room.startswith(ROOM_PREFIX)


def agent_of_room(room: str) -> str:
    """Whose conference it is."""
    return room.removeprefix(ROOM_PREFIX)
