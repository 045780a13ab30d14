"""Conferences at Twilio: who hears whom, who comes in, and who goes where."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from orchestrator.carrier import twiml
from orchestrator.carrier.errors import asking, creating
from orchestrator.carrier.urls import CallbackUrls
from orchestrator.domain.agent import agent_of_room, is_agents_room
from orchestrator.domain.carrier import Receipt
from orchestrator.domain.errors import CallOverError, CarrierError
from orchestrator.domain.rooms import GuestOrder

NOT_THERE = 20404


class TwilioRooms:
    """The Rooms protocol in Twilio's terms; a room is a conference by its friendly name."""

    def __init__(self, account: Any, urls: CallbackUrls) -> None:
        self._account, self._urls = account, urls

    def hold(self, room: str, sid: str, *, held: bool) -> None:
        """Twilio's own hold music, since no HoldUrl is given."""
        with _there():
            self._participant(room, sid).update(hold=held)

    def mute(self, room: str, sid: str, *, muted: bool) -> None:
        """The leg is heard by nobody, and hears."""
        with _there():
            self._participant(room, sid).update(muted=muted)

    def add(self, order: GuestOrder) -> Receipt:
        """Ring the guest into the conference that is going on, never into a new one of that name."""
        with asking():
            conference = self._conference(order.room)
        with creating():
            guest = self._account.conferences(conference).participants.create(
                to=order.address,
                from_=order.from_,
                label=order.label,
                timeout=order.ring_timeout_seconds,
                beep="false",
                start_conference_on_enter=True,
                end_conference_on_exit=False,
            )
            return Receipt(sid=str(guest.call_sid), status=str(guest.status))

    def remove(self, room: str, sid: str) -> None:
        """The leg goes on with what comes after its conference; a guest's call ends."""
        with _there():
            self._participant(room, sid).delete()

    def move(self, sid: str, room: str, *, ends_room: bool) -> None:
        """A live redirect: the leg leaves its conference and is in the other with the same request."""
        with _there():
            own = ends_room and is_agents_room(room)
            self._account.calls(sid).update(twiml=self._own(room) if own else twiml.join(room, ends_room=ends_room))

    def hand_over(self, sid: str, *, to: str, from_: str, reference: UUID) -> None:
        """A live redirect to a <Dial>."""
        with _there():
            self._account.calls(sid).update(twiml=twiml.hand_over(to, from_, self._urls.handed_over(reference)))

    def _own(self, room: str) -> str:
        """An agent's own room, as when they signed in."""
        agent_id = agent_of_room(room)
        heard_at, again = self._urls.agent_room(agent_id), self._urls.agent_answer(agent_id)
        return twiml.agent_room(room, heard_at=heard_at, again=again)

    def _participant(self, room: str, sid: str) -> Any:
        return self._account.conferences(self._conference(room)).participants(sid)

    def _conference(self, room: str) -> str:
        # By its sid: only the creation of a participant takes a name, and names are used again.
        found = self._account.conferences.list(friendly_name=room, status="in-progress", limit=1)
        if not found:
            raise CallOverError
        return str(found[0].sid)


@contextmanager
def _there() -> Iterator[None]:
    """Around a change that is the same twice; of what Twilio no longer knows, it is too late."""
    try:
        with asking():
            yield
    except CarrierError as error:
        if error.carrier_code == NOT_THERE:
            raise CallOverError(carrier_code=NOT_THERE) from error
        raise
