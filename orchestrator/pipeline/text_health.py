"""What follows for a sender from the carrier's reasons for not delivering its texts: a rest, said aloud, or a pause."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update

from orchestrator.carrier.error_codes import OPTED_OUT, meaning
from orchestrator.carrier.sender_codes import DAY_SPENT, FILTERED, NOT_READY, TOO_FAST
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.contact_request import Channel
from orchestrator.domain.errors import AccountMisconfiguredError, CallerBlockedError
from orchestrator.domain.text_sender import SenderRest, SenderRestKind
from orchestrator.log import log
from orchestrator.persistence import campaign_moves, campaigns, sender_rests
from orchestrator.persistence.campaign_moves import Move
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import IS_ENDED, IS_FAILED_TEXT, attempts
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.reception import stops
from orchestrator.pipeline.sender_pool import addresses_of
from orchestrator.pipeline.text_failures import stop_of
from orchestrator.strategies.sender_policy import SenderPolicy

AT_ONCE = 50
NEWS = timedelta(days=1)  # an older failure says nothing of how the sender stands
OF_SENDER = TOO_FAST | DAY_SPENT | NOT_READY | OPTED_OUT


@dataclass
class TextHealth:
    """How many failures were heeded, which senders rest since, and which campaigns are paused."""

    heeded: int = 0
    rested: list[SenderRest] = field(default_factory=list)
    paused: list[int] = field(default_factory=list)

    @property
    def more(self) -> bool:
        """Whether another run would find work at once."""
        return self.heeded >= AT_ONCE


def run_once(store: Store, policy: SenderPolicy, now: datetime, limit: int = AT_ONCE) -> TextHealth:
    """Draw the consequences of failed texts, the oldest first; each is heeded once."""
    report = TextHealth()
    query = select(attempts).where(IS_FAILED_TEXT, IS_ENDED, attempts.c.ended_at > now - NEWS)
    with store.read() as tx:
        failed = tx.execute(query.order_by(attempts.c.ended_at).limit(limit)).all()
    of_nobody = [attempt.id for attempt in failed if not _is_of_sender(attempt.error_code)]
    if of_nobody:
        with store.write() as tx:
            tx.execute(update(attempts).where(attempts.c.id.in_(of_nobody)).values(cause_asked_at=now))
    for attempt in failed:
        if _is_of_sender(attempt.error_code):
            _heed(store, policy, attempt, now, report)
    report.heeded = len(failed)
    return report


def _is_of_sender(code: int) -> bool:
    """Whether the reason says something of the sender, the set-up, or of a stop that the carrier holds."""
    return code in OF_SENDER or meaning(code) in {CallerBlockedError, AccountMisconfiguredError}


def _heed(store: Store, policy: SenderPolicy, attempt: Record, now: datetime, report: TextHealth) -> None:
    with store.write() as tx:
        tx.execute(update(attempts).where(attempts.c.id == attempt.id).values(cause_asked_at=now))
        wanted = _rest(tx, policy, attempt, now)
        rests = wanted is not None and sender_rests.rest(tx, wanted)
        paused = _pause(tx, attempt, now)
    if attempt.error_code in OPTED_OUT:
        stops.take_back(store, [stop_of(attempt, attempt.error_code)], now)
    report.paused += [attempt.campaign_id] if paused else []
    if wanted is not None and rests:
        alert(wanted)
        report.rested.append(wanted)


def alert(rest: SenderRest) -> None:
    """Say in the log that a sender rests, which its row in the database says too."""
    until = rest.until.isoformat(timespec="seconds") if rest.until is not None else None
    log.warning("sender.rests", sender=rest.address, kind=rest.kind, reason=rest.reason, rests_until=until)


def _rest(tx: Connection, policy: SenderPolicy, attempt: Record, now: datetime) -> SenderRest | None:
    """The rest that the failure asks for; none where the sender has rested since the text was planned."""
    if sender_rests.rested_since(tx, attempt.from_address, attempt.planned_at):
        return None
    code, rests = attempt.error_code, policy.rests
    if code in TOO_FAST:
        until: datetime | None = now + timedelta(minutes=rests.rate_minutes)
        return _of(attempt, SenderRestKind.RATE, "it sent faster than the carrier lets it", now, until)
    if code in DAY_SPENT:
        until = policy.day.ends(now)
        return _of(attempt, SenderRestKind.DAY_SPENT, "the carrier lets it send nothing more today", now, until)
    if code in NOT_READY:
        why = "it is not registered, verified or set up for such texts; see to that, then use it again"
        return _of(attempt, SenderRestKind.NOT_READY, why, now, None)
    if meaning(code) is CallerBlockedError and _filtered(tx, policy, attempt, now) >= rests.filtered_after:
        why = f"carriers filtered {rests.filtered_after} of its texts; change what they say before it is used again"
        return _of(attempt, SenderRestKind.FILTERED, why, now, now + timedelta(hours=rests.filtered_hours))
    return None


def _of(attempt: Record, kind: SenderRestKind, why: str, now: datetime, until: datetime | None) -> SenderRest:
    reason = f"{why} (error {attempt.error_code})"
    return SenderRest(address=attempt.from_address, kind=kind, reason=reason, since=now, until=until)


def _filtered(tx: Connection, policy: SenderPolicy, attempt: Record, now: datetime) -> int:
    """How many of the sender's latest texts were filtered."""
    since = now - timedelta(hours=policy.rests.filtered_within_hours)
    query = select(func.count()).where(
        attempts.c.from_address == attempt.from_address,
        attempts.c.planned_at >= since,
        attempts.c.channel == Channel.SMS,
        attempts.c.error_code.in_(FILTERED),
    )
    return tx.execute(query).scalar_one()


def _pause(tx: Connection, attempt: Record, now: datetime) -> bool:
    """Pause the campaign where what it is set up with is wrong, and no other sender of its pool could do better."""
    code = attempt.error_code
    if meaning(code) is not AccountMisconfiguredError:
        return False
    if code in NOT_READY and _others_in_use(tx, attempt, now):
        return False
    reason = f"The carrier does not deliver its texts: error {code} from {attempt.from_address}."
    running, paused = CampaignState.RUNNING, CampaignState.PAUSED
    wanted = Move(was=running, becomes=paused, reason=reason, by="step:settlement", at=now)
    return campaign_moves.move(tx, attempt.campaign_id, wanted)


def _others_in_use(tx: Connection, attempt: Record, now: datetime) -> bool:
    sms = campaigns.fetch(tx, attempt.campaign_id).plan.sms
    pool = set(addresses_of(sms)) if sms is not None else set()
    return bool(pool - {attempt.from_address} - sender_rests.open_now(tx, pool, now).keys())
