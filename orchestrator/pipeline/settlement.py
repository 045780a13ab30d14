"""Apply what the carrier told us, idempotently and in any order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, SQLAlchemyError

from orchestrator.domain.attempt import (
    CALL_STAGE,
    MESSAGE_OUTCOME,
    Outcome,
    Stage,
    advance_call,
    advance_message,
)
from orchestrator.domain.carrier import CallStatus, MessageStatus
from orchestrator.domain.events import CarrierEvent, EventKind, RoomChange
from orchestrator.log import log
from orchestrator.persistence import agent_legs, attempts, callers, inbox, number_facts
from orchestrator.persistence.inbox import Delivery
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline import machines, text_failures, waiting
from orchestrator.pipeline.call_ends import ANSWERED_BY_NOBODY, STAMP_LASTS, how_it_ended
from orchestrator.pipeline.ending import end_attempt, refine_outcome
from orchestrator.pipeline.estimates import estimates
from orchestrator.pipeline.rights import late_news
from orchestrator.pipeline.task_routing import news as task_news

AT_ONCE = 50


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
            deliveries = inbox.waiting(tx, store.keyring, limit)
            for delivery in deliveries:
                _settle(tx, delivery, now)
            if deliveries:
                late_news.drop(tx, deliveries, now)
                waiting.serve(tx, now)  # what was applied may have freed an agent
        return SettlementReport(len(deliveries))
    except Exception as error:  # whatever one delivery holds: it is found below, one by one
        if _is_the_databases(error):
            raise
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
            delivery = inbox.opened(store.keyring, row)
            _settle(tx, delivery, now)
            late_news.drop(tx, [delivery], now)
            waiting.serve(tx, now)
    except Exception as error:  # whatever it holds: it waits an hour, the others go on
        if _is_the_databases(error):
            raise
        log.error("delivery.poisoned", error=repr(error))
        with store.write() as tx:
            inbox.set_aside(tx, row.id, repr(error))
        return False
    return True


def _is_the_databases(error: Exception) -> bool:
    """Whether the database failed, and not one delivery: words that it cannot hold are that delivery's own fault."""
    return isinstance(error, SQLAlchemyError) and not isinstance(error, DataError)


def apply(tx: Connection, event: CarrierEvent, now: datetime) -> None:
    """Apply one event; what does not fit what is known changes nothing."""
    if event.kind in OF_AGENTS:
        OF_AGENTS[event.kind](tx, event, now)
        return
    if event.kind in TASK_HANDLERS:
        TASK_HANDLERS[event.kind](tx, event, now)
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
    if event.stir_level is not None and attempt.stir_status is None:
        callers.note_level(tx, attempt.id, event.stir_level)
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
        return _end_call(tx, attempt, status, at, now, facts)
    # The carrier's stamp is the beginning of its second; they picked up within it, and before we heard of it.
    moments = {Stage.RINGING: ("ringing_at", at), Stage.ANSWERED: ("answered_at", min(now, at + STAMP_LASTS))}
    column, moment = moments.get(following, (None, now))
    stamp = {column: moment} if column and getattr(attempt, column) is None else {}
    return attempts.move(tx, attempt.id, stage, {"stage": following, "doubted_at": None, **stamp})


def _end_call(
    tx: Connection, attempt: Record, status: CallStatus, at: datetime, now: datetime, facts: Mapping[str, Any]
) -> bool:
    outcome, columns = how_it_ended(attempt, status, at, facts)
    if outcome is Outcome.NOT_IN_SERVICE:
        number_facts.mark_dead(tx, attempt.number_key, "not in service", now)
    return end_attempt(tx, attempt, outcome, now, **columns)


def _detection(tx: Connection, attempt: Record, event: CarrierEvent, now: datetime) -> None:
    """A machine is hung up on; a person, or nobody knows who, goes on talking or waiting.

    A verdict on a call that has ended changes nothing: what it came to was settled without it.
    """
    if event.answered_by is None or attempt.stage == Stage.ENDED:
        return
    guessed = estimates(attempt.answered_at or now, event.answered_by, event.detection_seconds, now)
    attempts.move(tx, attempt.id, attempt.stage, {"answered_by": event.answered_by, **guessed})
    if event.answered_by in ANSWERED_BY_NOBODY:
        attempts.move(tx, attempt.id, attempt.stage, {"waiting_since": None, "redirect_at": None})
        machines.met(tx, attempt, event, now)


def _message_status(tx: Connection, attempt: Record, event: CarrierEvent, now: datetime) -> None:
    if event.message_status is not None:
        apply_message_status(tx, attempt, event.message_status, now, event.error_code)


def apply_message_status(
    tx: Connection, attempt: Record, status: MessageStatus, now: datetime, error_code: int | None
) -> bool:
    """Move the message on by the carrier's word of it; False where that is no news."""
    stage = Stage(attempt.stage)
    following = advance_message(stage, status)
    if following is not Stage.ENDED:
        return following is not stage and attempts.move(tx, attempt.id, stage, {"stage": following, "doubted_at": None})
    outcome = MESSAGE_OUTCOME.get(status)
    return outcome is not None and _end_message(tx, attempt, outcome, now, error_code)


def _end_message(tx: Connection, attempt: Record, outcome: Outcome, now: datetime, error_code: int | None) -> bool:
    """End it, or make its end more certain; what follows from the carrier's reason follows once."""
    if attempt.stage == Stage.ENDED:
        changed = refine_outcome(tx, attempt, outcome, error_code=error_code)
    else:
        changed = end_attempt(tx, attempt, outcome, now, error_code=error_code)
    if changed:
        text_failures.heed(tx, attempt, error_code, now)
    return changed


def _agent_status(tx: Connection, event: CarrierEvent, now: datetime) -> None:
    """The agent's own call: once it is up they are ready, once it is over they are away."""
    if event.agent_id is None or event.call_status is None:
        return
    if event.call_status is CallStatus.IN_PROGRESS:
        agent_legs.leg_up(tx, event.agent_id, event.sid, now)
    elif CALL_STAGE[event.call_status] is Stage.ENDED:
        agent_legs.leg_down(tx, event.agent_id, event.sid, now)


def _room(tx: Connection, event: CarrierEvent, now: datetime) -> None:
    """Somebody entered an agent's conference or left it; only a person who was called for that agent matters."""
    attempt = attempts.by_sid(tx, event.sid) if event.room_change is not None else None
    if attempt is None or attempt.agent_id != event.agent_id:
        return
    if event.room_change is RoomChange.ENTERED:
        waiting.entered(tx, attempt, now)
    else:
        waiting.left(tx, attempt, now)


Handler = Callable[[Connection, Record, CarrierEvent, datetime], None]
OF_AGENTS: Mapping[EventKind, Callable[[Connection, CarrierEvent, datetime], None]] = {
    EventKind.AGENT_STATUS: _agent_status,
    EventKind.ROOM: _room,
}
HANDLERS: Mapping[EventKind, Handler] = {
    EventKind.CALL_STATUS: _call_status,
    EventKind.DETECTION: _detection,
    EventKind.MESSAGE_STATUS: _message_status,
}
TASK_HANDLERS: Mapping[EventKind, Callable[[Connection, CarrierEvent, datetime], None]] = {
    EventKind.TASK_NEWS: task_news.apply,
    EventKind.TASK_LEG: task_news.leg_news,
}
