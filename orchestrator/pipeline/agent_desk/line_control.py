"""Hold, mute and hang up the call that an agent has."""

from datetime import datetime

from sqlalchemy import update

from orchestrator.domain.agent import conference_room
from orchestrator.domain.carrier import Carrier
from orchestrator.domain.errors import CallOverError, CarrierError, UserError
from orchestrator.log import log
from orchestrator.persistence import cancellations
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.agents import agents
from orchestrator.pipeline.agent_desk.on_line import OnLine, require_call

REASON = "agent"
THEY_LEFT = "They have hung up."


def hold(store: Store, carrier: Carrier, agent_id: str, *, held: bool) -> None:
    """The person hears music, or the agent again; raises UserError where there is nobody any more."""
    with store.write() as tx:
        call = require_call(tx, agent_id)
    try:
        carrier.rooms.hold(room_of(call), call.sid, held=held)
    except CallOverError:
        raise UserError(THEY_LEFT) from None


def mute(store: Store, carrier: Carrier, agent_id: str, *, muted: bool) -> None:
    """The person does not hear the agent, who hears them; or does again.

    It is written down before it is done and after it is undone, so that nobody is ever joined to an agent who may be
    muted: the worker lets them be heard before their next call.
    """
    with store.write() as tx:
        call = require_call(tx, agent_id)
        if call.agent.leg_sid is None:
            raise UserError(f"Agent '{agent_id}' has no call of their own; sign in with `orchestrator agents ready`.")
        if muted:
            tx.execute(update(agents).where(agents.c.id == agent_id).values(muted=True))
    try:
        carrier.rooms.mute(room_of(call), call.agent.leg_sid, muted=muted)
    except CallOverError:
        raise UserError("Your own call is over; sign in again.") from None
    if not muted:
        with store.write() as tx:
            tx.execute(update(agents).where(agents.c.id == agent_id).values(muted=False))


def hang_up(store: Store, carrier: Carrier, agent_id: str, now: datetime) -> None:
    """End the person's call, and not the agent's; where the carrier cannot be asked now, the worker asks it again."""
    with store.write() as tx:
        call = require_call(tx, agent_id)
        if call.attempt is not None:
            cancellations.file(tx, [call.attempt.id], REASON, now)
    try:
        carrier.hang_up(call.sid)
    except CallOverError:
        return  # they were first
    except CarrierError as error:
        if call.attempt is None:  # nothing is filed of a call that was made to us
            raise
        log.warning("call.hang_up_waits", attempt=str(call.attempt.id), error=type(error).__name__)


def room_of(call: OnLine) -> str:
    """Where the person is: with the agent on record, who in a warm transfer is the one it goes to."""
    joined = call.agent.id if call.attempt is None else call.attempt.agent_id or call.agent.id
    return conference_room(joined)
