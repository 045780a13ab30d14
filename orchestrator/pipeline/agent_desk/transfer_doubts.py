"""Transfers of which nobody knows how far they got: the carrier is asked where the person is, until that is known.

A lost answer to a redirect, and a command that died half-way, leave such a one behind.
"""

from datetime import datetime, timedelta

from sqlalchemy import select

from orchestrator.domain.agent import conference_room
from orchestrator.domain.carrier import Carrier
from orchestrator.domain.errors import CarrierError, UserError
from orchestrator.log import log
from orchestrator.persistence import transfers
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.agents import agents
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.agent_desk.handing import Handing, Kind, handing_of, leave, note, undo
from orchestrator.pipeline.agent_desk.leaving import let_go
from orchestrator.pipeline.agent_desk.transferring import come_along

AT_ONCE = 10
NOT_MOVED_AFTER = timedelta(seconds=15)  # longer than a request waits for its answer, and its command with it


def run_once(store: Store, carrier: Carrier, now: datetime, patience: timedelta = NOT_MOVED_AFTER) -> int:
    """Settle what can be settled; how many. Who is not seen to have moved within ``patience`` has not."""
    with store.read() as tx:
        rows = transfers.doubtful(tx, AT_ONCE)
    return sum(_settled(store, carrier, row, now, patience) for row in rows)


def _settled(store: Store, carrier: Carrier, row: Record, now: datetime, patience: timedelta) -> bool:
    handing = _handing(store, row)
    if row.state == "asked" and now < row.asked_at + patience:
        return False  # its command is still at it
    if row.state == "stranded":
        return let_go(store, carrier, handing, row.leg_sid, now)
    try:
        moved = row.state == "together" or _has_moved(carrier, handing)
    except CarrierError as error:
        log.warning("transfer.unknown", transfer=row.id, error=type(error).__name__)
        return False
    if not moved:
        return now >= row.asked_at + patience and _stays(store, carrier, handing, row, now)
    if row.state != "leaving" and handing.kind is Kind.WARM:
        _together(store, carrier, handing)
    else:
        leave(store, handing, now)
    return True


def _handing(store: Store, row: Record) -> Handing:
    with store.read() as tx:
        agent = tx.execute(select(agents).where(agents.c.id == row.from_agent)).one()
        attempt = tx.execute(select(attempts).where(attempts.c.id == row.attempt_id)).one()
    return handing_of(row.id, Kind(row.kind), agent, attempt, row.to_agent)


def _has_moved(carrier: Carrier, handing: Handing) -> bool:
    """Whether the person is where the transfer takes them: outside is wherever the agent is not."""
    if handing.to_agent is not None:
        return handing.sid in carrier.people_in(conference_room(handing.to_agent))
    if handing.kind is Kind.WARM:
        return handing.sid in carrier.people_in(handing.room_outside)
    return handing.sid not in carrier.people_in(conference_room(handing.agent_id))


def _stays(store: Store, carrier: Carrier, handing: Handing, row: Record, now: datetime) -> bool:
    """The person is with the agent as before; whoever had gone ahead is let go."""
    if row.state == "leaving":
        return let_go(store, carrier, handing, row.leg_sid, now)
    undo(store, handing, "the person was not moved", now)
    return True


def _together(store: Store, carrier: Carrier, handing: Handing) -> None:
    note(store, handing, "together")
    try:
        come_along(carrier, handing)
    except UserError as error:
        log.warning("transfer.agent_stays", transfer=handing.id, because=str(error))
