"""Before an agent's next call their room is as that call needs it: no guest, everybody home, nobody muted."""

from datetime import datetime

from sqlalchemy import select, update

from orchestrator.domain.agent import AgentState, conference_room
from orchestrator.domain.carrier import Carrier
from orchestrator.domain.errors import CallOverError, CarrierError
from orchestrator.log import log
from orchestrator.persistence import transfers
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.agents import agents
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.agent_desk.on_line import ON_A_CALL
from orchestrator.pipeline.agent_desk.transferring import dismiss, may_still_ring

AT_ONCE = 10


def run_once(store: Store, carrier: Carrier, now: datetime) -> int:
    """Tidy up after calls that are over; how many rooms. One that the carrier cannot tidy now is tried again."""
    with store.read() as tx:
        left = transfers.outlived(tx, AT_ONCE)
        on_a_call = agents.c.state.in_([AgentState(state).value for state in ON_A_CALL])
        muted = tx.execute(select(agents).where(agents.c.muted, ~on_a_call).limit(AT_ONCE)).all()
    return sum(_after_transfer(store, carrier, row, now) for row in left if not may_still_ring(row, now)) + sum(
        _unmute(store, carrier, agent) for agent in muted
    )


def _after_transfer(store: Store, carrier: Carrier, row: Record, now: datetime) -> bool:
    try:
        if row.to_agent is None:
            dismiss(carrier, row.from_agent, f"guest-{row.id}", row.leg_sid)
        elif row.kind == "warm":
            _home(store, carrier, row.from_agent)
    except CarrierError as error:
        log.warning("room.not_tidied", agent=row.from_agent, error=type(error).__name__)
        return False
    with store.write() as tx:
        transfers.settle(tx, row.id, "withdrawn", now, "the call ended")
    return True


def _home(store: Store, carrier: Carrier, agent_id: str) -> None:
    with store.read() as tx:
        leg_sid = tx.execute(select(agents.c.leg_sid).where(agents.c.id == agent_id)).scalar()
    try:
        if leg_sid is not None:
            carrier.rooms.move(leg_sid, conference_room(agent_id), ends_room=True)
    except CallOverError:
        return  # they have hung up, and will sign in again


def _unmute(store: Store, carrier: Carrier, agent: Record) -> bool:
    try:
        if agent.leg_sid is not None:
            carrier.rooms.mute(conference_room(agent.id), agent.leg_sid, muted=False)
    except CallOverError:
        log.info("agent.in_no_room", agent=agent.id)  # and muted nowhere
    except CarrierError as error:
        log.warning("room.not_tidied", agent=agent.id, error=type(error).__name__)
        return False
    with store.write() as tx:
        tx.execute(update(agents).where(agents.c.id == agent.id).values(muted=False))
    return True
