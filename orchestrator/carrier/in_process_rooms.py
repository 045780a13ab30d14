"""Rooms without a network: who is where, held or muted, as whoever holds them sets it and the engine changes it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from orchestrator.domain.carrier import Receipt
from orchestrator.domain.errors import CallOverError, CarrierError
from orchestrator.domain.rooms import GuestOrder


@dataclass
class Seat:
    """One leg in a room."""

    room: str
    label: str | None = None
    held: bool = False
    muted: bool = False
    ends_room: bool = False


@dataclass
class InProcessRooms:
    """The Rooms protocol in memory. ``new_call`` takes a guest's address and caller id and gives the sid."""

    new_call: Callable[[str, str], str]
    seats: dict[str, Seat] = field(default_factory=dict)  # by sid
    handed_over: dict[str, str] = field(default_factory=dict)  # sid -> address
    _failures: list[CarrierError | None] = field(default_factory=list)

    def seat(self, sid: str, room: str, *, ends_room: bool = False) -> None:
        """Somebody came in by themselves."""
        self.seats[sid] = Seat(room, ends_room=ends_room)

    def fail_next(self, error: CarrierError, *, after: int = 0) -> None:
        """Answer the next request with this error and do nothing, or the one that comes after so many."""
        self._failures += [*[None] * after, error]

    def inside(self, room: str) -> set[str]:
        """Whose legs are in the room."""
        return {sid for sid, seat in self.seats.items() if seat.room == room}

    def hold(self, room: str, sid: str, *, held: bool) -> None:
        """Note it."""
        self._find(room, sid).held = held

    def mute(self, room: str, sid: str, *, muted: bool) -> None:
        """Note it."""
        self._find(room, sid).muted = muted

    def add(self, order: GuestOrder) -> Receipt:
        """The guest picks up at once."""
        self._fail()
        if not self.inside(order.room):
            raise CallOverError
        sid = self.new_call(order.address, order.from_)
        self.seats[sid] = Seat(order.room, order.label)
        return Receipt(sid=sid, status="queued")

    def remove(self, room: str, sid: str) -> None:
        """The leg is nowhere."""
        seat = self._find(room, sid)
        self._leave(next(one for one, found in self.seats.items() if found is seat))

    def move(self, sid: str, room: str, *, ends_room: bool) -> None:
        """The leg is there, held and muted no more."""
        self._fail()
        if sid not in self.seats:
            raise CallOverError
        self._leave(sid)
        self.seats[sid] = Seat(room, ends_room=ends_room)

    def hand_over(self, sid: str, *, to: str, from_: str, reference: UUID) -> None:  # noqa: ARG002 - the protocol's
        """The leg is outside."""
        self._fail()
        if sid not in self.seats:
            raise CallOverError
        self._leave(sid)
        self.handed_over[sid] = to

    def _find(self, room: str, sid: str) -> Seat:
        self._fail()
        named = {sid, *(one for one, seat in self.seats.items() if seat.label == sid)}
        seat = next((self.seats[one] for one in named if one in self.seats), None)
        if seat is None or seat.room != room:
            raise CallOverError
        return seat

    def _leave(self, sid: str) -> None:
        seat = self.seats.pop(sid)
        if seat.ends_room:
            for other in self.inside(seat.room):
                del self.seats[other]

    def _fail(self) -> None:
        failure = self._failures.pop(0) if self._failures else None
        if failure is not None:
            raise failure
