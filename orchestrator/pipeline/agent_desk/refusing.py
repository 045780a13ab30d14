"""Do-not-call in one click, whether we called the person or they called us."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from orchestrator.domain.agent import AgentState
from orchestrator.domain.carrier import Carrier
from orchestrator.domain.contact_request import SuppressionKind
from orchestrator.domain.disposition import AfterCall, Disposition
from orchestrator.domain.errors import CallOverError, UserError
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.agents import agents
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.pipeline.agent_desk.disposing import choices, dispose
from orchestrator.pipeline.agent_desk.on_line import OnLine, require_call, require_last
from orchestrator.pipeline.reception.stops import Stop, suppress, take_back


def do_not_call(
    store: Store, defaults: Mapping[str, Disposition], carrier: Callable[[], Carrier], agent_id: str, now: datetime
) -> None:
    """Suppress whom the agent has on the line, or had last, over all channels of the seller, and end the call.

    The no is committed before anything is asked of the carrier. Raises UserError where there was no call.
    """
    with store.read() as tx:
        called_us = _called_us(tx, agent_id)
        name = None if called_us else _disposition(tx, defaults, agent_id)
    if name is not None:
        dispose(store, defaults, agent_id, name, now)
        return
    with store.write() as tx:
        call = require_call(tx, agent_id)
        stop = _stop(call)
        suppress(tx, stop, now)
    take_back(store, [stop], now)
    _hang_up(carrier(), call)


def _called_us(tx: Connection, agent_id: str) -> bool:
    talking = select(agents.c.attempt_id).where(agents.c.id == agent_id, agents.c.state == AgentState.TALKING)
    bound = tx.execute(talking).scalar()
    if bound is None:
        return False
    return tx.execute(select(attempts.c.id).where(attempts.c.id == bound)).first() is None


def _disposition(tx: Connection, defaults: Mapping[str, Disposition], agent_id: str) -> str:
    _, attempt = require_last(tx, agent_id)
    known = choices(tx, defaults, attempt.campaign_id).values()
    found = next((one.id for one in known if one.next_step is AfterCall.DO_NOT_CALL), None)
    if found is None:
        raise UserError("No disposition here means do-not-call; add one to config/dispositions.toml.")
    return found


def _stop(call: OnLine) -> Stop:
    return Stop(
        seller_id=call.seller_id,
        number_key=call.number_key,
        kind=SuppressionKind.DO_NOT_CALL,
        source=f"said to agent {call.agent.id}, who was called",
    )


def _hang_up(carrier: Carrier, call: OnLine) -> None:
    try:
        carrier.hang_up(call.sid)
    except CallOverError:
        return  # they were first
