"""Hand a person on: to another agent or to an address outside, warm with all in one room, or blind."""

import re
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import Connection

from orchestrator.domain.agent import AgentState, conference_room
from orchestrator.domain.carrier import Carrier
from orchestrator.domain.errors import AnswerLostError, CallOverError, CarrierError, DispatchUncertainError, UserError
from orchestrator.domain.rooms import GuestOrder
from orchestrator.persistence import agents, transfers
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.agent_desk import leaving
from orchestrator.pipeline.agent_desk.handing import Handing, Kind, give, handing_of, leave, note, undo
from orchestrator.pipeline.agent_desk.line_control import THEY_LEFT
from orchestrator.pipeline.agent_desk.on_line import require_agent, require_our_call

ADDRESS = re.compile(r"\+[1-9][0-9]{6,14}|client:[A-Za-z0-9_.@-]{1,121}|sips?:[^\s@]+@[^\s@]+")

BEING_SETTLED = ("leaving", "stranded")
MAYBE_RUNG = (
    "It is not known whether they are being rung. Wait a moment: who picks up is with you; "
    "`orchestrator agents take-back` ends it."
)
MAYBE_MOVED = (
    "It is not known whether they have been handed on. The worker asks Twilio; `orchestrator agents list` shows in a "
    "few seconds who has them."
)
BEING_ASKED = "The worker is asking Twilio how far this transfer got; see `orchestrator agents list` in a few seconds."
RINGS_AT_MOST = timedelta(seconds=35)  # the guest's ring timeout, what the carrier adds to it, and its own delay


def start(store: Store, carrier: Carrier, agent_id: str, to: str, kind: Kind, now: datetime) -> Handing:
    """Begin the transfer, which a blind one ends with; ``to`` is an agent's id or an address.

    Raises UserError where the agent has nobody on the line or the other is not free.
    """
    handing = _write_down(store, agent_id, to, kind, now)
    try:
        sid = _speak(carrier, handing)
    except DispatchUncertainError:
        note(store, handing, "in_doubt")
        raise UserError(MAYBE_RUNG) from None
    except CarrierError as error:
        if isinstance(error, AnswerLostError) and handing.moves_person:
            note(store, handing, "in_doubt")
            raise UserError(MAYBE_MOVED) from None
        undo(store, handing, type(error).__name__, now)
        if isinstance(error, CallOverError):
            raise UserError(THEY_LEFT) from None
        raise
    note(store, handing, "together", leg_sid=sid)
    if kind is Kind.BLIND:
        leave(store, handing, now)
    elif handing.to_agent is not None:
        come_along(carrier, handing)
    return handing


def complete(store: Store, carrier: Carrier, agent_id: str, now: datetime) -> None:
    """The agent leaves a warm transfer; the person and whom they were handed to go on."""
    handing, row = _open(store, agent_id)
    if handing.to_agent is None:
        leaving.out_together(store, carrier, handing, row.leg_sid, now)
        return
    try:
        _back_to_own_room(carrier, handing)
    except CallOverError:
        raise UserError("Your own call is over; sign in again.") from None
    leave(store, handing, now)


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
    undo(store, handing, None, now)


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
        return handing_of(transfer_id, kind, agent, attempt, to if address is None else None, address)


def _take_agent(tx: Connection, agent: Record, attempt: Record, to: str, now: datetime) -> None:
    """The other is bound to the call before they are in it, so that no other call finds them meanwhile."""
    other = require_agent(tx, to)
    if (
        other.leg_sid is None
        or agent.leg_sid is None
        or not agents.change(tx, to, {AgentState.READY}, AgentState.TALKING, now, attempt_id=attempt.id)
    ):
        raise UserError(f"Agent '{to}' is not free: they are {other.state}. `orchestrator agents list` shows who is.")
    give(tx, attempt.id, to)


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


def come_along(carrier: Carrier, handing: Handing) -> None:
    """The agent follows the person into the other's room; the person first, since an agent's leaving ends their own.

    Raises UserError where their line cannot.
    """
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
        give(tx, handing.attempt_id, handing.agent_id)
    try:
        _back_to_own_room(carrier, handing)
        carrier.rooms.move(handing.sid, conference_room(handing.agent_id), ends_room=False)
    except CarrierError:
        with store.write() as tx:
            give(tx, handing.attempt_id, from_agent)
        raise


def _open(store: Store, agent_id: str) -> tuple[Handing, Record]:
    with store.write() as tx:
        agent, attempt = require_our_call(tx, agent_id)
        row = transfers.open_of(tx, agent_id)
        if row is None:
            raise UserError("No transfer of this call is under way.")
        if row.kind == Kind.BLIND or row.state in BEING_SETTLED:
            raise UserError(BEING_ASKED)
        return handing_of(row.id, Kind(row.kind), agent, attempt, row.to_agent), row
