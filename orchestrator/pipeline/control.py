"""Take back at the carrier what must not happen any more, and open and close campaigns on time."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from orchestrator.domain.attempt import CALL_STAGE, MESSAGE_OUTCOME, MESSAGE_STAGE, Stage
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.carrier import CallStatus, Carrier, CarrierRecord, MessageStatus
from orchestrator.domain.contact_request import Channel
from orchestrator.domain.enrollment import DoneReason, EnrollmentStage
from orchestrator.domain.errors import CallOverError, CarrierError
from orchestrator.log import log
from orchestrator.persistence import attempts, campaign_moves, cancellations
from orchestrator.persistence.campaign_moves import Move
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.campaigns import campaigns, enrollments
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline import halts, stop_watch
from orchestrator.pipeline.call_ends import Ending, how_it_ended
from orchestrator.pipeline.ending import end_attempt

AT_ONCE = 50
GENTLE = frozenset({"paused", "halted", "window_over", "campaign over"})  # whoever has answered is not hung up on
OPEN_STAGES = tuple(stage for stage in EnrollmentStage if stage is not EnrollmentStage.DONE)

# Built once, since every run begins with them.
_LIVE = campaigns.c.state.in_((CampaignState.RUNNING, CampaignState.PAUSED)) & campaigns.c.launched_at.is_not(None)
_LEFT = select(enrollments.c.id).where(
    enrollments.c.campaign_id == campaigns.c.id, enrollments.c.stage.in_(OPEN_STAGES)
)
START = (
    update(campaigns)
    .where(campaigns.c.state == CampaignState.SCHEDULED, campaigns.c.starts_at <= bindparam("b_now"))
    .values(state=CampaignState.RUNNING, state_reason=None)
    .returning(campaigns.c.id, campaigns.c.seller_id)
)
PAST_THEIR_END = select(campaigns.c.id).where(_LIVE, campaigns.c.ends_at <= bindparam("b_now"))
COMPLETE = (
    update(campaigns)
    .where(_LIVE, ~_LEFT.exists())
    .values(state=CampaignState.COMPLETED, state_reason=None)
    .returning(campaigns.c.id, campaigns.c.seller_id)
)
STEP = "step:control"


@dataclass
class ControlReport:
    """What was taken back, and which campaigns changed."""

    taken_back: int = 0
    filed: int = 0
    started: int = 0
    ended: int = 0


def run_once(store: Store, carrier: Carrier, now: datetime, limit: int = AT_ONCE) -> ControlReport:
    """File what is past its window or halted, then try every open cancellation once."""
    report = ControlReport()
    with store.write() as tx:
        report.filed = cancellations.file(tx, attempts.past_their_window(tx, now, limit), "window_over", now)
        report.filed += _file_halted(tx, now) + stop_watch.sweep(tx, now)
        report.started, report.ended = _start_campaigns(tx, now), _end_campaigns(tx, now)
    with store.read() as tx:
        waiting = cancellations.open_ones(tx, limit)
    report.taken_back = sum(_take_back(store, carrier, row, now) for row in waiting)
    return report


def _file_halted(tx: Connection, now: datetime) -> int:
    """A halt of all, a seller or a campaign also takes back what has not reached anybody yet."""
    stops = halts.in_force(tx, now)
    if not stops.active:
        return 0
    running = tx.execute(select(campaigns.c.id, campaigns.c.seller_id)).all()
    halted = [row.id for row in running if stops.on_campaign(row.id, row.seller_id)]
    return sum(cancellations.file(tx, attempts.unanswered(tx, campaign_id), "halted", now) for campaign_id in halted)


def _start_campaigns(tx: Connection, now: datetime) -> int:
    began = Move(was=CampaignState.SCHEDULED, becomes=CampaignState.RUNNING, by=STEP, at=now)
    return campaign_moves.note(tx, tx.execute(START, {"b_now": now}), began)


def _end_campaigns(tx: Connection, now: datetime) -> int:
    """Past its end a campaign lets everybody go; it is completed once nobody is left who could be contacted."""
    for campaign_id in tx.execute(PAST_THEIR_END, {"b_now": now}).scalars().all():
        waiting = (enrollments.c.campaign_id == campaign_id) & enrollments.c.stage.in_(("due", "blocked"))
        ending = {"stage": EnrollmentStage.DONE, "done_reason": DoneReason.CAMPAIGN_OVER, "updated_at": now}
        tx.execute(update(enrollments).where(waiting).values(ending))
        cancellations.file(tx, attempts.unanswered(tx, campaign_id), "campaign over", now)
    done = Move(becomes=CampaignState.COMPLETED, by=STEP, at=now)
    return campaign_moves.note(tx, tx.execute(COMPLETE), done)


def _take_back(store: Store, carrier: Carrier, row: Record, now: datetime) -> bool:
    """Ask the carrier once; no transaction is open meanwhile."""
    if row.stage == Stage.ENDED:
        return _confirmed(store, row, "ended by itself", now)
    if row.reason in GENTLE and row.stage in {Stage.ANSWERED, Stage.CONNECTED}:
        return _confirmed(store, row, "answered meanwhile", now)
    if row.sid is None:
        return _again(store, row, "its sid is not known yet")
    try:
        record = _ask(carrier, row)
    except CallOverError:
        return _over(store, carrier, row, now)
    except CarrierError as error:
        return _again(store, row, type(error).__name__)
    return _apply(store, row, record, now)


def _ask(carrier: Carrier, row: Record) -> CarrierRecord:
    if row.channel == Channel.SMS:
        return carrier.cancel_message(row.sid)
    if row.stage in {Stage.ANSWERED, Stage.CONNECTED}:
        return carrier.hang_up(row.sid)
    return carrier.cancel_call(row.sid)


def _over(store: Store, carrier: Carrier, row: Record, now: datetime) -> bool:
    """It has gone on meanwhile: an answered call can still be hung up, a message that has left cannot be taken back."""
    try:
        if row.channel == Channel.SMS:
            return _apply(store, row, carrier.fetch_message(row.sid), now)
        if row.reason in GENTLE and carrier.fetch_call(row.sid).status == CallStatus.IN_PROGRESS:
            return _confirmed(store, row, "answered meanwhile", now)
        return _apply(store, row, carrier.hang_up(row.sid), now)
    except CallOverError:
        return _confirmed(store, row, "over already", now)
    except CarrierError as error:
        return _again(store, row, type(error).__name__)


def _apply(store: Store, row: Record, record: CarrierRecord, now: datetime) -> bool:
    """Write what the carrier says it is now: no callback comes for a call cancelled in the queue."""
    with store.write() as tx:
        attempt = attempts.fetch_for_change(tx, [row.attempt_id])[row.attempt_id]
        ending = _ending(attempt, record, now)
        if ending is None and record.channel is Channel.VOICE:
            cancellations.again(tx, row.attempt_id, row.tries, f"the carrier says {record.status}")
            return False
        if ending is not None:
            outcome, facts = ending
            end_attempt(tx, attempt, outcome, now, **facts)
        cancellations.done(tx, row.attempt_id, record.status, now)
    log.info("attempt.taken_back", attempt=str(row.attempt_id), reason=row.reason, status=record.status)
    return True


def _ending(attempt: Record, record: CarrierRecord, now: datetime) -> Ending | None:
    """How it has ended; None while the carrier says that it goes on, and then its callbacks tell."""
    if record.channel is Channel.SMS:
        status = MessageStatus(record.status)
        return (MESSAGE_OUTCOME[status], {}) if MESSAGE_STAGE.get(status) is Stage.ENDED else None
    call_status = CallStatus(record.status)
    if CALL_STAGE[call_status] is not Stage.ENDED:
        return None
    return how_it_ended(attempt, call_status, now, {})


def _confirmed(store: Store, row: Record, result: str, now: datetime) -> bool:
    with store.write() as tx:
        cancellations.done(tx, row.attempt_id, result, now)
    return True


def _again(store: Store, row: Record, error: str) -> bool:
    with store.write() as tx:
        cancellations.again(tx, row.attempt_id, row.tries, error)
    return False
