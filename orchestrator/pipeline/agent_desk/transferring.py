"""Hand a person on: to another agent or to an address outside, warm with all in one room, or blind."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Connection, update

from orchestrator.domain.agent import AgentState, conference_room
from orchestrator.domain.carrier import Carrier
from orchestrator.domain.errors import CallOverError, CarrierError, DispatchUncertainError, UserError
from orchestrator.domain.rooms import GuestOrder
from orchestrator.persistence import agents, transfers
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.agent_desk.line_control import THEY_LEFT
from orchestrator.pipeline.agent_desk.on_line import require_agent, require_our_call

ADDRESS = re.compile(r"\+[1-9][0-9]{6,14}|client:[A-Za-z0-9_.@-]{1,121}|sips?:[^\s@]+@[^\s@]+")

RINGS_AT_MOST = timedelta(seconds=35)  # the guest's ring timeout, what the carrier adds to it, and its own delay


class Kind(StrEnum):
    """Whether the agent stays until the other has taken over."""

    WARM = "warm"
    BLIND = "blind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handing:
    """A transfer as it was written down, and where everybody is."""

    id: int
    attempt_id: UUID
    kind: Kind
    sid: str  # of the person
    from_: str
    agent_id: str
    leg_sid: str | None  # of the agent
    to_agent: str | None = None
    address: str | None = None

    @property
    def label(self) -> str:
        """The guest's name in the room."""
        return f"guest-{self.id}"


def start(store: Store, carrier: Carrier, agent_id: str, to: str, kind: Kind, now: datetime) -> Handing:
    """Begin the transfer, which a blind one ends with; ``to`` is an agent's id or an address.

    Raises UserError where the agent has nobody on the line or the other is not free.
    """
    handing = _write_down(store, agent_id, to, kind, now)
    try:
        sid = _speak(carrier, handing)
    except DispatchUncertainError:
        _note(store, handing, "in_doubt", None)
        raise UserError(
            "It is not known whether they are being rung. Wait a moment: who picks up is with you; "
            "`orchestrator agents take-back` ends it."
        ) from None
    except CarrierError as error:
        _undo(store, handing, type(error).__name__, now)
        if isinstance(error, CallOverError):
            raise UserError(THEY_LEFT) from None
        raise
    _note(store, handing, "together", sid)
    if kind is Kind.BLIND:
        _leave(store, handing, now)
    elif handing.to_agent is not None:
        _come_along(carrier, handing)
    return handing


def complete(store: Store, carrier: Carrier, agent_id: str, now: datetime) -> None:
    """The agent leaves a warm transfer; the person and whom they were handed to go on."""
    handing, row = _open(store, agent_id)
    try:
        if handing.to_agent is not None:
            _back_to_own_room(carrier, handing)
        else:
            _out_together(carrier, handing, row.leg_sid)
    except CallOverError:
        raise UserError("They are not both there: wait until the other has picked up, or take the call back.") from None
    _leave(store, handing, now)


def take_back(store: Store, carrier: Carrier, agent_id: str, now: datetime) -> None:
    """The agent keeps the person, and the other goes."""
    handing, row = _open(store, agent_id)
    if may_still_ring(row, now):
        raise UserError("They may still be ringing; take the call back once they have picked up, or in half a minute.")
    try:
        if handing.to_agent is not None:
            _bring_back(store, carrier, handing, handing.to_agent)
        else:
            dismiss(carrier, handing.agent_id, handing.label, row.leg_sid)
    except CallOverError:
        raise UserError(THEY_LEFT) from None
    _undo(store, handing, None, now)


def may_still_ring(row: Record, now: datetime) -> bool:
    """Whether somebody who cannot be named yet may come into the room: nobody knows whether the carrier took the order.

    Found by their label once they are in it, they can be let go.
    """
    unnamed = row.to_agent is None and row.kind == Kind.WARM and row.leg_sid is None
    return unnamed and bool(now < row.asked_at + RINGS_AT_MOST)


def dismiss(carrier: Carrier, agent_id: str, label: str, sid: str | None) -> None:
    """Let a guest go, whether they are in the room or still being rung."""
    with suppress(CallOverError):  # not in the room, or not yet
        carrier.rooms.remove(conference_room(agent_id), label)
    if sid is not None:
        with suppress(CallOverError):
            carrier.hang_up(sid)


def _write_down(store: Store, agent_id: str, to: str, kind: Kind, now: datetime) -> Handing:
    address = to if ADDRESS.fullmatch(to) else None
    with store.write() as tx:
        agent, attempt = require_our_call(tx, agent_id)
        if transfers.open_of(tx, agent_id) is not None:
            raise UserError("A transfer of this call is under way; complete it or take it back first.")
        if address is None:
            _take_agent(tx, agent, attempt, to, now)
        transfer_id = transfers.begin(
            tx,
            store.keyring,
            attempt_id=attempt.id,
            from_agent=agent_id,
            to_agent=None if address else to,
            address=address,
            kind=kind,
            now=now,
        )
        return _handing(transfer_id, kind, agent, attempt, to if address is None else None, address)


def _take_agent(tx: Connection, agent: Record, attempt: Record, to: str, now: datetime) -> None:
    """The other is bound to the call before they are in it, so that no other call finds them meanwhile."""
    other = require_agent(tx, to)
    if (
        other.leg_sid is None
        or agent.leg_sid is None
        or not agents.change(tx, to, {AgentState.READY}, AgentState.TALKING, now, attempt_id=attempt.id)
    ):
        raise UserError(f"Agent '{to}' is not free: they are {other.state}. `orchestrator agents list` shows who is.")
    _give(tx, attempt.id, to)


def _speak(carrier: Carrier, handing: Handing) -> str | None:
    """Ask the carrier; a guest's sid, where one is rung into the room."""
    if handing.to_agent is not None:
        carrier.rooms.move(handing.sid, conference_room(handing.to_agent), ends_room=False)
        return None
    address = handing.address or ""
    if handing.kind is Kind.BLIND:
        carrier.rooms.hand_over(handing.sid, to=address, from_=handing.from_, reference=handing.attempt_id)
        return None
    room = conference_room(handing.agent_id)
    return carrier.rooms.add(GuestOrder(room=room, address=address, from_=handing.from_, label=handing.label)).sid


def _come_along(carrier: Carrier, handing: Handing) -> None:
    """The agent follows the person into the other's room; the person first, since an agent's leaving ends their own."""
    try:
        carrier.rooms.move(handing.leg_sid or "", conference_room(handing.to_agent or ""), ends_room=False)
    except CarrierError:
        raise UserError(
            f"The person is with {handing.to_agent}, and your own line could not follow: `orchestrator agents "
            "take-back` brings them back, `complete` leaves them there."
        ) from None


def _back_to_own_room(carrier: Carrier, handing: Handing) -> None:
    if handing.leg_sid is not None:
        carrier.rooms.move(handing.leg_sid, conference_room(handing.agent_id), ends_room=True)


def _bring_back(store: Store, carrier: Carrier, handing: Handing, from_agent: str) -> None:
    """On record with the agent first, and then moved: else news of the move would pass for their leaving."""
    with store.write() as tx:
        _give(tx, handing.attempt_id, handing.agent_id)
    try:
        _back_to_own_room(carrier, handing)
        carrier.rooms.move(handing.sid, conference_room(handing.agent_id), ends_room=False)
    except CarrierError:
        with store.write() as tx:
            _give(tx, handing.attempt_id, from_agent)
        raise


def _out_together(carrier: Carrier, handing: Handing, guest: str | None) -> None:
    """The guest first: one who has not picked up cannot be moved, and then nobody has been."""
    if guest is None:
        raise CallOverError
    room = f"handed-on-{handing.attempt_id}"
    carrier.rooms.move(guest, room, ends_room=True)
    carrier.rooms.move(handing.sid, room, ends_room=True)


def _note(store: Store, handing: Handing, state: str, sid: str | None) -> None:
    with store.write() as tx:
        transfers.move(tx, handing.id, state, leg_sid=sid)


def _leave(store: Store, handing: Handing, now: datetime) -> None:
    """The agent's part is over: they wrap up, and the call goes on without them."""
    with store.write() as tx:
        agent = require_agent(tx, handing.agent_id)
        transfers.settle(tx, handing.id, "done", now)
        if agent.attempt_id == handing.attempt_id:
            agents.wrap_up(tx, agent, now)


def _undo(store: Store, handing: Handing, error: str | None, now: datetime) -> None:
    """The agent has the person as before, and the other is free."""
    with store.write() as tx:
        transfers.settle(tx, handing.id, "withdrawn" if error is None else "failed", now, error)
        if handing.to_agent is not None:
            agents.set_free(tx, handing.to_agent, AgentState.TALKING, now, handing.attempt_id)
            _give(tx, handing.attempt_id, handing.agent_id)


def _give(tx: Connection, attempt_id: UUID, agent_id: str) -> None:
    tx.execute(update(attempts).where(attempts.c.id == attempt_id).values(agent_id=agent_id))


def _open(store: Store, agent_id: str) -> tuple[Handing, Record]:
    with store.write() as tx:
        agent, attempt = require_our_call(tx, agent_id)
        row = transfers.open_of(tx, agent_id)
        if row is None:
            raise UserError("No transfer of this call is under way.")
        return _handing(row.id, Kind(row.kind), agent, attempt, row.to_agent, None), row


def _handing(
    transfer_id: int, kind: Kind, agent: Record, attempt: Record, to_agent: str | None, address: str | None
) -> Handing:
    return Handing(
        id=transfer_id,
        attempt_id=attempt.id,
        kind=kind,
        sid=attempt.sid,
        from_=attempt.from_address,
        agent_id=agent.id,
        leg_sid=agent.leg_sid,
        to_agent=to_agent,
        address=address,
    )
