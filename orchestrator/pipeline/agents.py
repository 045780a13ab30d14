"""Ring agents who signed in, end wrap-ups, and free those whose call never came."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from orchestrator.domain.agent import AgentState, conference_room
from orchestrator.domain.attempt import CALL_STAGE, Stage
from orchestrator.domain.carrier import AgentCallOrder, CallStatus, Carrier
from orchestrator.domain.errors import CarrierBusyError, CarrierError, DispatchUncertainError
from orchestrator.log import log
from orchestrator.persistence import agent_legs
from orchestrator.persistence import agents as states
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import agents, attempts
from orchestrator.persistence.tables.columns import Record

RING_AT_ONCE = 10
CONNECTING_AT_MOST = timedelta(seconds=3)
RESERVED_AT_MOST = timedelta(minutes=5)
NO_WORD_FOR = timedelta(seconds=15)  # since the leg was rung: an agent who waits for work picks up within it
CHECKED_EVERY = timedelta(minutes=5)  # a leg that is up, since nobody can be joined to one that ended unheard


@dataclass
class AgentsReport:
    """What changed."""

    rung: int = 0
    wrapped_up: int = 0
    freed: int = 0
    asked: int = 0


def run_once(store: Store, carrier: Carrier, now: datetime, caller_id: Callable[[str], str | None]) -> AgentsReport:
    """``caller_id`` gives the number that a queue's agents are rung from, None where no campaign has one yet."""
    report = AgentsReport()
    with store.write() as tx:
        report.wrapped_up = len(states.finish_wrap_up(tx, now))
        report.freed = _free_stuck(tx, now)
    with store.read() as tx:
        waiting = agent_legs.to_ring(tx, now, RING_AT_ONCE)
        silent = agent_legs.silent(tx, now - NO_WORD_FOR, now - CHECKED_EVERY, RING_AT_ONCE)
    for agent in waiting:
        sender = caller_id(agent.queue)
        if sender is not None:
            report.rung += _ring(store, carrier, agent, sender, now)
    report.asked = sum(_ask_about(store, carrier, agent, now) for agent in silent)
    return report


def _ring(store: Store, carrier: Carrier, agent: Record, sender: str, now: datetime) -> bool:
    """Ring the agent; one asked twice would only hear a second ring, so a doubt is no harm here."""
    address = store.keyring.open_json(agent.profile_sealed, states.PROFILE)["address"]
    order = AgentCallOrder(agent_id=agent.id, address=address, from_=sender, room=conference_room(agent.id))
    try:
        receipt = carrier.call_agent(order)
    except CarrierBusyError:
        return False
    except DispatchUncertainError:
        with store.write() as tx:
            agent_legs.asked(tx, agent.id, now + NO_WORD_FOR)  # by then the leg has named itself, or never was
        return False
    except CarrierError as error:
        log.warning("agent.not_rung", agent=agent.id, error=str(error))
        with store.write() as tx:
            agent_legs.given_up(tx, agent.id)
        return False
    with store.write() as tx:
        agent_legs.rung(tx, agent.id, receipt.sid)
    return True


def _ask_about(store: Store, carrier: Carrier, agent: Record, now: datetime) -> bool:
    """What the carrier says of a leg whose callbacks may have been lost is applied as if it had told us."""
    try:
        status = CallStatus(carrier.fetch_call(agent.leg_sid).status)
    except CarrierError as error:
        log.warning("agent.leg_unknown", agent=agent.id, error=type(error).__name__)
        status = None
    with store.write() as tx:
        agent_legs.asked(tx, agent.id, now)
        if status is CallStatus.IN_PROGRESS:
            agent_legs.leg_up(tx, agent.id, agent.leg_sid, now)
        elif status is not None and CALL_STAGE[status] is Stage.ENDED:
            agent_legs.leg_down(tx, agent.id, agent.leg_sid, now)
    return status is not None


def _free_stuck(tx: Connection, now: datetime) -> int:
    """Agents who were claimed and not joined in time, or reserved for a call that is no more."""
    held = select(agents.c.id, agents.c.state, agents.c.state_since, agents.c.attempt_id).where(
        agents.c.state.in_((AgentState.CONNECTING, AgentState.RESERVED))
    )
    return sum(_free_one(tx, row, now) for row in tx.execute(held).all())


def _free_one(tx: Connection, row: Record, now: datetime) -> bool:
    patience = CONNECTING_AT_MOST if row.state == AgentState.CONNECTING else RESERVED_AT_MOST
    if now - row.state_since < patience or _still_live(tx, row):
        return False
    return states.change(tx, row.id, {AgentState(row.state)}, AgentState.READY, now)


def _still_live(tx: Connection, row: Record) -> bool:
    if row.state == AgentState.CONNECTING or row.attempt_id is None:
        return False
    stage = tx.execute(select(attempts.c.stage).where(attempts.c.id == row.attempt_id)).scalar()
    return stage not in {None, "ended"}
