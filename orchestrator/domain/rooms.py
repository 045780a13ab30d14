"""What the engine asks of the rooms in which agents and people hear each other."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from orchestrator.domain.carrier import Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestOrder:
    """Somebody outside who is rung into a room. ``label`` is theirs alone there, and finds them without their sid."""

    room: str
    address: str  # E.164, client:… or sip:…
    from_: str
    label: str
    ring_timeout_seconds: int = 25


class Rooms(Protocol):
    """Rooms by name, legs by the sid of their call, guests also by their label.

    All raise CallOverError where the room or the leg is there no more, and CarrierBusyError where trying again is
    safe: what they do is the same twice. Only ``add`` is not, and raises DispatchUncertainError where the guest may be
    ringing.
    """

    def hold(self, room: str, sid: str, *, held: bool) -> None:
        """Let the leg hear music alone, and nobody the leg; or take them back."""

    def mute(self, room: str, sid: str, *, muted: bool) -> None:
        """Let nobody hear the leg, which hears on; or let them."""

    def add(self, order: GuestOrder) -> Receipt:
        """Ring somebody, who is in the room once they pick up."""

    def remove(self, room: str, sid: str) -> None:
        """Put the leg out of the room."""

    def move(self, sid: str, room: str, *, ends_room: bool) -> None:
        """Take a leg that is talking into another room. ``ends_room``: when it leaves, that room is over."""

    def hand_over(self, sid: str, *, to: str, from_: str, reference: UUID) -> None:
        """Connect the leg of that attempt with an address outside; whom nobody answers is told, and hung up."""
