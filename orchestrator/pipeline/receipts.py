"""What the carrier answered to an order, written down, and what follows from it."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Connection

from orchestrator.carrier.sender_codes import NOT_READY
from orchestrator.domain.attempt import Outcome, Stage
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.carrier import Receipt
from orchestrator.domain.contact_request import Channel
from orchestrator.domain.errors import (
    AccountMisconfiguredError,
    CallerBlockedError,
    CarrierBusyError,
    CarrierError,
    DispatchUncertainError,
    NumberRefusedError,
)
from orchestrator.log import log
from orchestrator.persistence import attempts, campaign_moves, campaigns, cancellations
from orchestrator.persistence.campaign_moves import Move
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline import text_failures
from orchestrator.pipeline.ending import end_attempt
from orchestrator.pipeline.engine import Waits
from orchestrator.pipeline.planning import Planned
from orchestrator.pipeline.stop_watch import stops_since

if TYPE_CHECKING:
    from orchestrator.pipeline.placement import Placed

ERRORS_BEFORE_PAUSE = 25  # in a row
STEP = "step:dispatch"


def write(store: Store, batch: Sequence["Placed"], now: datetime, waits: Waits) -> None:
    """Write the receipts in one transaction, then, in a new one, look for stops that came meanwhile."""
    with store.write() as tx:
        rows = attempts.fetch_for_change(tx, [placed.planned.attempt_id for placed in batch])
        attempts.accept(
            tx, [_accepted(placed) for placed in batch if isinstance(placed.result, Receipt)], waits.silence
        )
        for campaign_id in sorted({one.planned.campaign_id for one in batch if isinstance(one.result, Receipt)}):
            campaigns.forget_errors(tx, campaign_id)
        for placed in sorted(batch, key=lambda placed: placed.planned.attempt_id):
            _write_one(tx, rows[placed.planned.attempt_id], placed, now, waits)
    taken = [placed.planned for placed in batch if isinstance(placed.result, Receipt | DispatchUncertainError)]
    if taken:
        cancel_stopped(store, taken, now)


def cancel_stopped(store: Store, sent: Sequence[Planned], now: datetime) -> int:
    """File the cancelling of what was sent to people who said stop in between; how many."""
    with store.read() as tx:
        affected = stops_since(tx, sent)
    if not affected:
        return 0
    with store.write() as tx:
        return cancellations.file(tx, affected, "stop", now)


def _accepted(placed: "Placed") -> tuple[UUID, str, Stage]:
    assert isinstance(placed.result, Receipt)  # noqa: S101 - asked by the caller
    stage = Stage.QUEUED if placed.planned.channel is Channel.VOICE else Stage.SUBMITTED
    return placed.planned.attempt_id, placed.result.sid, stage


def _write_one(tx: Connection, attempt: Record, placed: "Placed", now: datetime, waits: Waits) -> None:
    result, planned = placed.result, placed.planned
    if isinstance(result, Receipt):
        if attempt.stage == Stage.ENDED:
            attempts.name(tx, planned.attempt_id, result.sid)
            attempts.look_again(tx, planned.attempt_id, waits.silence, 0)
    elif isinstance(result, DispatchUncertainError):
        if not attempts.doubt(tx, planned.attempt_id, now, waits.doubt, result.carrier_code):
            attempts.look_again(tx, planned.attempt_id, waits.silence, 0)  # news of it came first
        log.warning("attempt.in_doubt", attempt=str(planned.attempt_id))
    elif isinstance(result, CarrierError):
        _refused(tx, attempt, planned, result, now)
    else:
        end_attempt(tx, attempt, Outcome.NEVER_SENT, now)


def _refused(tx: Connection, attempt: Record, planned: Planned, error: CarrierError, now: datetime) -> None:
    """The carrier said no, and certainly did nothing: what may be done next depends on its reason."""
    # A number that is blocked rests, and the person is called from another: to them nothing has happened.
    blocked = isinstance(error, CallerBlockedError) and planned.channel is Channel.VOICE
    released = blocked or isinstance(error, CarrierBusyError | AccountMisconfiguredError)
    outcome = Outcome.NEVER_SENT if released else Outcome.REFUSED
    log.warning("attempt.refused", attempt=str(planned.attempt_id), error=type(error).__name__, code=error.carrier_code)
    if not end_attempt(tx, attempt, outcome, now, error_code=error.carrier_code):
        return
    text_failures.heed(tx, attempt, error.carrier_code, now)
    if planned.channel is Channel.SMS and error.carrier_code in NOT_READY:
        return  # the sender rests (``text_health``), and others of its pool may do
    if isinstance(error, AccountMisconfiguredError):
        _pause(tx, planned.campaign_id, f"The carrier refused with error {error.carrier_code}: {error}", now)
    elif not blocked and not isinstance(error, NumberRefusedError | CarrierBusyError):
        _count_error(tx, planned.campaign_id, error, now)


def _count_error(tx: Connection, campaign_id: int, error: CarrierError, now: datetime) -> None:
    if campaigns.count_error(tx, campaign_id) >= ERRORS_BEFORE_PAUSE:
        reason = f"{ERRORS_BEFORE_PAUSE} errors of the carrier in a row; the last was {error.carrier_code}."
        _pause(tx, campaign_id, reason, now)


def _pause(tx: Connection, campaign_id: int, reason: str, now: datetime) -> None:
    running, paused = CampaignState.RUNNING, CampaignState.PAUSED
    campaign_moves.move(tx, campaign_id, Move(was=running, becomes=paused, reason=reason, by=STEP, at=now))
