"""Apply what the carrier told us, idempotently and in any order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from orchestrator.domain.attempt import (
    CALL_OUTCOME,
    CALL_STAGE,
    MESSAGE_OUTCOME,
    MESSAGE_STAGE,
    Outcome,
    Stage,
    advance_call,
    advance_message,
)
from orchestrator.domain.carrier import AnsweredBy, CallStatus, MessageStatus
from orchestrator.domain.events import CarrierEvent, EventKind
from orchestrator.log import log
from orchestrator.persistence import agent_legs, attempts, cancellations, inbox, number_facts
from orchestrator.persistence.inbox import Delivery
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.ending import end_attempt, refine_outcome

AT_ONCE = 50
NOT_FOUND = 404  # SIP: nobody has this number
ANSWERED_BY_NOBODY = frozenset({AnsweredBy.MACHINE, AnsweredBy.FAX})


@dataclass(frozen=True, slots=True)
class SettlementReport:
    """How many deliveries were applied, and how many were set aside for an hour."""

    applied: int
    set_aside: int = 0

    @property
    def more(self) -> bool:
        """Whether another run would find work at once."""
        return self.applied + self.set_aside >= AT_ONCE


def run_once(store: Store, now: datetime, limit: int = AT_ONCE) -> SettlementReport:
    """Apply the oldest deliveries that wait; a poisoned one is set aside and never stops the others."""
    try:
        with store.write() as tx:
            waiting = inbox.waiting(tx, store.keyring, limit)
            for delivery in waiting:
                _settle(tx, delivery, now)
        return SettlementReport(len(waiting))
    except SQLAlchemyError:
        raise
    except Exception as error:  # noqa: BLE001 - found below, one by one
        log.error("settlement.poisoned", error=repr(error))
        return _one_by_one(store, now, limit)


def _settle(tx: Connection, delivery: Delivery, now: datetime) -> None:
    if inbox.applied(tx, delivery.id, now):
        apply(tx, delivery.event, delivery.received_at)


def _one_by_one(store: Store, now: datetime, limit: int) -> SettlementReport:
    results = [_settle_next(store, now) for _ in range(limit)]
    return SettlementReport(results.count(True), results.count(False))


def _settle_next(store: Store, now: datetime) -> bool | None:
    """Whether the next delivery could be applied; None where none waits."""
    with store.read() as tx:
        row = next(iter(inbox.waiting_sealed(tx, 1)), None)
    if row is None:
        return None
    try:
        with store.write() as tx:
            _settle(tx, inbox.opened(store.keyring, row), now)
    except SQLAlchemyError:
        raise
    except Exception as error:  # noqa: BLE001 - one poisoned delivery waits an hour, the others go on
        log.error("delivery.poisoned", error=repr(error))
        with store.write() as tx:
            inbox.set_aside(tx, row.id, repr(error))
        return False
    return True


def apply(tx: Connection, event: CarrierEvent, now: datetime) -> None:
    """Apply one event; what does not fit what is known changes nothing."""
    if event.kind is EventKind.AGENT_STATUS:
        _agent_status(tx, event, now)
        return
    attempt = _attempt_of(tx, event)
    handler = HANDLERS.get(event.kind)
    if attempt is not None and handler is not None:
        handler(tx, attempt, event, now)


def _attempt_of(tx: Connection, event: CarrierEvent) -> Record | None:
    """The attempt that the event is about, None where its sid is not the one we know."""
    if event.reference is None:
        return None
    found = attempts.fetch_for_change(tx, [event.reference])
    attempt = found.get(event.reference)
    if attempt is None or (attempt.sid is not None and attempt.sid != event.sid):
        return None
    if attempt.sid is None:
        attempts.name(tx, attempt.id, event.sid)
    return attempt


def _call_status(tx: Connection, attempt: Record, event: CarrierEvent, now: datetime) -> None:
    if event.call_status is not None:
        apply_call_status(tx, attempt, event.call_status, event.occurred_at or now, now, _facts(event))


def _facts(event: CarrierEvent) -> Mapping[str, Any]:
    found = {
        "answered_by": event.answered_by,
        "sip_code": event.sip_code,
        "error_code": event.error_code,
        "duration_seconds": event.duration_seconds,
    }
    return {name: value for name, value in found.items() if value is not None}


def apply_call_status(
    tx: Connection, attempt: Record, status: CallStatus, at: datetime, now: datetime, facts: Mapping[str, Any]
) -> bool:
    """Move the call on by the carrier's word of it, heard or asked for; False where that is no news."""
    stage = Stage(attempt.stage)
    following = advance_call(stage, status)
    if following is stage:
        return False
    if CALL_STAGE[status] is Stage.ENDED:
        return _end_call(tx, attempt, status, now, facts)
    moments = {Stage.RINGING: "ringing_at", Stage.ANSWERED: "answered_at"}
    column = moments.get(following)
    stamp = {column: at} if column and getattr(attempt, column) is None else {}
    return attempts.move(tx, attempt.id, stage, {"stage": following, "doubted_at": None, **stamp})


def _end_call(tx: Connection, attempt: Record, status: CallStatus, now: datetime, facts: Mapping[str, Any]) -> bool:
    outcome = call_outcome(attempt, status, facts)
    if outcome is Outcome.NOT_IN_SERVICE:
        number_facts.mark_dead(tx, attempt.number_key, "not in service", now)
    return end_attempt(tx, attempt, outcome, now, **facts)


def call_outcome(attempt: Record, status: CallStatus, facts: Mapping[str, Any]) -> Outcome:
    """How a call that the carrier says is over has ended."""
    if status is not CallStatus.COMPLETED:
        gone = status is CallStatus.FAILED and facts.get("sip_code") == NOT_FOUND
        return Outcome.NOT_IN_SERVICE if gone else CALL_OUTCOME[status]
    if attempt.marked_outcome is not None:  # the agent was on the line, and knows better than detection
        return Outcome(attempt.marked_outcome)
    answered_by = facts.get("answered_by") or attempt.answered_by
    if answered_by in ANSWERED_BY_NOBODY:
        return Outcome.MACHINE if answered_by == AnsweredBy.MACHINE else Outcome.FAX
    if attempt.abandoned_at is not None:
        return Outcome.ABANDONED
    return Outcome.REACHED if attempt.connected_at is not None else Outcome.HUNG_UP


def _detection(tx: Connection, attempt: Record, event: CarrierEvent, now: datetime) -> None:
    """A machine is hung up on; a person, or nobody knows who, goes on talking."""
    if event.answered_by is None or attempt.stage == Stage.ENDED:
        return
    attempts.move(tx, attempt.id, attempt.stage, {"answered_by": event.answered_by})
    if event.answered_by in ANSWERED_BY_NOBODY:
        cancellations.file(tx, [attempt.id], "machine", now)


def _message_status(tx: Connection, attempt: Record, event: CarrierEvent, now: datetime) -> None:
    if event.message_status is not None:
        apply_message_status(tx, attempt, event.message_status, now, event.error_code)


def apply_message_status(
    tx: Connection, attempt: Record, status: MessageStatus, now: datetime, error_code: int | None
) -> bool:
    """Move the message on by the carrier's word of it; False where that is no news."""
    stage = Stage(attempt.stage)
    if stage is Stage.ENDED:
        outcome = MESSAGE_OUTCOME.get(status)
        return outcome is not None and refine_outcome(tx, attempt, outcome)
    if status not in MESSAGE_STAGE:
        return False
    following = advance_message(stage, status)
    if following is Stage.ENDED:
        return end_attempt(tx, attempt, MESSAGE_OUTCOME[status], now, error_code=error_code)
    return following is not stage and attempts.move(tx, attempt.id, stage, {"stage": following, "doubted_at": None})


def _agent_status(tx: Connection, event: CarrierEvent, now: datetime) -> None:
    """The agent's own call: once it is up they are ready, once it is over they are away."""
    if event.agent_id is None or event.call_status is None:
        return
    if event.call_status is CallStatus.IN_PROGRESS:
        agent_legs.leg_up(tx, event.agent_id, event.sid, now)
    elif CALL_STAGE[event.call_status] is Stage.ENDED:
        agent_legs.leg_down(tx, event.agent_id, event.sid, now)


Handler = Callable[[Connection, Record, CarrierEvent, datetime], None]
HANDLERS: Mapping[EventKind, Handler] = {
    EventKind.CALL_STATUS: _call_status,
    EventKind.DETECTION: _detection,
    EventKind.MESSAGE_STATUS: _message_status,
}
