"""Ask the carrier about attempts that nobody speaks of, until it knows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from orchestrator.domain.attempt import CALL_STAGE, Outcome, Stage
from orchestrator.domain.carrier import CallStatus, Carrier, CarrierRecord, MessageStatus
from orchestrator.domain.contact_request import Channel
from orchestrator.domain.errors import CarrierError
from orchestrator.domain.text_sender import SenderType, type_of
from orchestrator.log import log
from orchestrator.persistence import attempts, enrollments
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts as attempts_table
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.ending import end_attempt
from orchestrator.pipeline.engine import Waits
from orchestrator.pipeline.planning import TO
from orchestrator.pipeline.settlement import apply_call_status, apply_message_status
from orchestrator.pipeline.stop_watch import stop_if_suppressed

AT_ONCE = 20
SKEW = timedelta(seconds=60)  # between the carrier's clock and ours
HORIZON = {Channel.VOICE: timedelta(hours=24), Channel.SMS: timedelta(hours=4)}
LONGEST_WAIT_SECONDS = 600.0
LOOKS_BEFORE_NEVER = 2  # the carrier's listing may lag
LOOKS_FOR_DELIVERY = 5  # many networks never say whether a message arrived


@dataclass
class RescueReport:
    """What rescue learnt."""

    asked: int = 0
    adopted: int = 0
    never_sent: int = 0
    lost: int = 0
    released: int = 0

    @property
    def more(self) -> bool:
        """Whether another run would find somebody to ask about at once."""
        return self.asked >= AT_ONCE


def run_once(store: Store, carrier: Carrier, now: datetime, waits: Waits, limit: int = AT_ONCE) -> RescueReport:
    """Release expired claims, then ask about each silent or doubtful attempt; no transaction is open meanwhile."""
    report = RescueReport()
    with store.write() as tx:
        report.released = enrollments.release_expired(tx, now)
    with store.read() as tx:
        silent = attempts.silent(tx, waits.lease + waits.http, limit)
    for attempt in silent:
        _rescue(store, carrier, attempt, now, waits, report)
    return report


def _rescue(store: Store, carrier: Carrier, attempt: Record, now: datetime, waits: Waits, report: RescueReport) -> None:
    report.asked += 1
    try:
        record = _ask(store, carrier, attempt)
    except CarrierError as error:
        log.warning("rescue.no_answer", attempt=str(attempt.id), error=type(error).__name__)
        _later(store, attempt, waits)
        return
    if record is None:
        _absent(store, attempt, now, waits, report)
        return
    with store.write() as tx:
        _adopt(tx, attempt, record, now, waits)
    report.adopted += 1
    if attempt.sid is None:
        stop_if_suppressed(store, attempt, now)


def _ask(store: Store, carrier: Carrier, attempt: Record) -> CarrierRecord | None:
    """The carrier's record of the attempt: by its sid, else the one between these numbers that nobody else owns."""
    voice = attempt.channel == Channel.VOICE
    if attempt.sid is not None:
        return carrier.fetch_call(attempt.sid) if voice else carrier.fetch_message(attempt.sid)
    to = store.keyring.open(attempt.to_sealed, TO)
    since = attempt.planned_at - SKEW
    sender = attempt.from_address
    if voice:
        found = carrier.find_calls(to=to, from_=sender, since=since)
    else:
        service = type_of(sender) is SenderType.SERVICE  # the carrier chose the number, and nobody has told which
        found = carrier.find_messages(to=to, since=since, from_=None if service else sender)
    ours = [record for record in found if record.direction == "outbound-api"]  # no reply, no call of a person to us
    with store.read() as tx:
        return next((record for record in ours if not _known(tx, record.sid)), None)


def _known(tx: Connection, sid: str) -> bool:
    return tx.execute(select(attempts_table.c.id).where(attempts_table.c.sid == sid)).first() is not None


def _adopt(tx: Connection, attempt: Record, record: CarrierRecord, now: datetime, waits: Waits) -> None:
    """Write what the carrier knows, as if it had told us."""
    current = attempts.fetch_for_change(tx, [attempt.id])[attempt.id]
    if not attempts.name(tx, attempt.id, record.sid):
        return
    if attempt.channel == Channel.VOICE:
        _adopt_call(tx, current, record, now)
    else:
        apply_message_status(tx, current, MessageStatus(record.status), now, record.error_code)
    if attempt.stage == Stage.ENDED and attempt.rescue_tries >= LOOKS_FOR_DELIVERY:
        attempts.look_no_more(tx, attempt.id)
    else:
        attempts.look_again(tx, attempt.id, _wait(waits.silence, attempt.rescue_tries), attempt.rescue_tries + 1)


def _adopt_call(tx: Connection, current: Record, record: CarrierRecord, now: datetime) -> None:
    facts = {"answered_by": record.answered_by, "duration_seconds": record.duration_seconds}
    known = {name: value for name, value in facts.items() if value is not None}
    status = CallStatus(record.status)
    if CALL_STAGE[status] is Stage.ANSWERED and current.answered_at is None:
        attempts.move(tx, current.id, current.stage, {"estimates_from": "rescue"})
    apply_call_status(tx, current, status, now, now, known)


def _absent(store: Store, attempt: Record, now: datetime, waits: Waits, report: RescueReport) -> None:
    """The carrier shows nothing: proven absent only where our own worker was gone before it could have asked."""
    if now - attempt.planned_at > HORIZON[Channel(attempt.channel)]:
        report.lost += _end(store, attempt, Outcome.LOST, now)
    elif attempt.stage == Stage.PLANNED and attempt.rescue_tries >= LOOKS_BEFORE_NEVER:
        report.never_sent += _end(store, attempt, Outcome.NEVER_SENT, now)
    else:
        _later(store, attempt, waits)


def _end(store: Store, attempt: Record, outcome: Outcome, now: datetime) -> bool:
    with store.write() as tx:
        current = attempts.fetch_for_change(tx, [attempt.id])[attempt.id]
        unchanged = current.stage == attempt.stage and current.sid is None
        return unchanged and end_attempt(tx, current, outcome, now)


def _later(store: Store, attempt: Record, waits: Waits) -> None:
    with store.write() as tx:
        attempts.look_again(tx, attempt.id, _wait(waits.doubt, attempt.rescue_tries), attempt.rescue_tries + 1)


def _wait(first: float, tries: int) -> float:
    return float(min(first * 2 ** min(tries, 10), LONGEST_WAIT_SECONDS))
