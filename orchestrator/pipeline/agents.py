"""Ring agents who signed in, end wrap-ups, and free those whose call never came; who waits gets whoever is free."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from orchestrator.domain.agent import conference_room
from orchestrator.domain.attempt import CALL_STAGE, Stage
from orchestrator.domain.carrier import AgentCallOrder, CallStatus, Carrier
from orchestrator.domain.errors import CarrierBusyError, CarrierError, DispatchUncertainError
from orchestrator.log import log
from orchestrator.persistence import agent_legs
from orchestrator.persistence import agents as states
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline import stuck_agents, waiting

RING_AT_ONCE = 10
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
        report.freed = stuck_agents.free(tx, now)
        waiting.serve(tx, now)
    with store.read() as tx:
        to_ring = agent_legs.to_ring(tx, now, RING_AT_ONCE)
        silent = agent_legs.silent(tx, now - NO_WORD_FOR, now - CHECKED_EVERY, RING_AT_ONCE)
    for agent in to_ring:
        sender = caller_id(agent.queue)
        if sender is not None:
            report.rung += _ring(store, carrier, agent, sender, now)
    report.asked = sum(ask_about(store, carrier, agent, now) for agent in silent)
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


def ask_about(store: Store, carrier: Carrier, agent: Record, now: datetime) -> bool:
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
