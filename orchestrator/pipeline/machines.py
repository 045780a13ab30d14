"""A machine answered: it is hung up on, or left the message that the gate gave leave for."""

from datetime import datetime

from sqlalchemy import Connection

from orchestrator.domain.attempt import Stage
from orchestrator.domain.carrier import AnsweredBy, Carrier
from orchestrator.domain.errors import CallOverError, CarrierError
from orchestrator.domain.events import CarrierEvent
from orchestrator.log import log
from orchestrator.persistence import cancellations, machine_messages
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record

AT_ONCE = 50
MOST_TRIES = 3
AGAIN_SECONDS = 0.5  # real: the mailbox records silence meanwhile
REASON = "machine"


def met(tx: Connection, attempt: Record, event: CarrierEvent, now: datetime) -> None:
    """Detection beside the call heard a machine: a worker takes it to the message, or the call is hung up."""
    if may_be_left(tx, attempt, event, now):
        machine_messages.ask(tx, attempt.id, now)
    else:
        cancellations.file(tx, [attempt.id], REASON, now)


def may_be_left(tx: Connection, attempt: Record, event: CarrierEvent, now: datetime) -> bool:
    """Whether it is an answering machine whose greeting is over, and there is leave for the message."""
    ready = event.answered_by is AnsweredBy.MACHINE and event.greeting_over
    return bool(ready) and machine_messages.permitted(tx, attempt.id, now)


def run_once(store: Store, carrier: Carrier, now: datetime, limit: int = AT_ONCE) -> int:
    """Take calls to their message; how many were. What the carrier cannot do in three tries is hung up."""
    with store.read() as tx:
        waiting = machine_messages.to_take_there(tx, limit)
    return sum(_take_there(store, carrier, row, now) for row in waiting)


def _take_there(store: Store, carrier: Carrier, row: Record, now: datetime) -> bool:
    """Ask the carrier once; no transaction is open meanwhile."""
    if row.stage == Stage.ENDED or row.sid is None:
        return _close(store, row, "ended by itself", now)
    if now >= row.valid_until:
        return _give_up(store, row, "too late", now)
    try:
        carrier.leave_message(row.sid, row.attempt_id)
    except CallOverError:
        return _close(store, row, "ended by itself", now)
    except CarrierError as error:
        return _again(store, row, type(error).__name__, now)
    _close(store, row, "taken to the message", now)
    return True


def _close(store: Store, row: Record, result: str, now: datetime) -> bool:
    with store.write() as tx:
        machine_messages.done(tx, row.attempt_id, result, now)
    return False


def _give_up(store: Store, row: Record, why: str, now: datetime) -> bool:
    with store.write() as tx:
        machine_messages.done(tx, row.attempt_id, f"hung up: {why}", now)
        cancellations.file(tx, [row.attempt_id], REASON, now)
    log.warning("machine.no_message", attempt=str(row.attempt_id), reason=why)
    return False


def _again(store: Store, row: Record, error: str, now: datetime) -> bool:
    if row.tries + 1 >= MOST_TRIES:
        return _give_up(store, row, error, now)
    with store.write() as tx:
        machine_messages.again(tx, row.attempt_id, row.tries + 1, AGAIN_SECONDS)
    return False
