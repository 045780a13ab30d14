"""Numbers that carriers block, or for which clearly fewer people pick up than they should, rest, and it is said."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from orchestrator.carrier.error_codes import meaning
from orchestrator.compliance.jurisdiction import PlaceFinder
from orchestrator.compliance.zone import midnight
from orchestrator.domain.caller_id import CallerDay, CallerRest, RestKind
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.carrier import Carrier
from orchestrator.domain.contact_request import Channel
from orchestrator.domain.errors import CallerBlockedError, CarrierError
from orchestrator.persistence import callers
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import IS_UNEXPLAINED, attempts
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.caller_pool import zone_of
from orchestrator.pipeline.callers import alert
from orchestrator.strategies.answer_rates import fallen
from orchestrator.strategies.caller_policy import CallerPolicy

AT_ONCE = 20
FILED_AFTER = timedelta(seconds=10)  # the carrier files the cause of a failure after the news of it
FILED_BY = timedelta(minutes=1)  # what it has not filed by then it is not asked about again
DAYS_OPEN = 2  # a call may end on the day after the one on which it was placed


@dataclass
class HealthReport:
    """How many failed calls were explained, how many days recounted, and which numbers rest since."""

    explained: int = 0
    recounted: int = 0
    rested: list[CallerRest] = field(default_factory=list)


def explain_failures(
    store: Store, carrier: Carrier, policy: CallerPolicy, now: datetime, limit: int = AT_ONCE
) -> HealthReport:
    """Ask the carrier why calls failed, once it can know; the number of one that was blocked for it rests."""
    report = HealthReport()
    due = IS_UNEXPLAINED & (attempts.c.channel == Channel.VOICE) & (attempts.c.ended_at <= now - FILED_AFTER)
    known = attempts.c.error_code.is_not(None)
    query = select(attempts).where(IS_UNEXPLAINED, attempts.c.channel == Channel.VOICE, known | due)
    with store.read() as tx:
        failed = tx.execute(query.order_by(attempts.c.ended_at).limit(limit)).all()
    for attempt in failed:
        report.explained += _explain(store, carrier, policy, attempt, now, report.rested)
    return report


def _explain(
    store: Store, carrier: Carrier, policy: CallerPolicy, attempt: Record, now: datetime, rested: list[CallerRest]
) -> bool:
    code = attempt.error_code or _cause(carrier, attempt.sid)
    if code is None and now - attempt.ended_at < FILED_BY:
        return False
    blocked = CallerRest(
        address=attempt.from_address,
        kind=RestKind.BLOCKED,
        reason=f"the called party's carrier blocked a call because of this number (error {code})",
        since=now,
        until=now + timedelta(days=policy.rest.days),
    )
    with store.write() as tx:
        told = update(attempts).where(attempts.c.id == attempt.id).values(error_code=code, cause_asked_at=now)
        tx.execute(told)
        rests = meaning(code) is CallerBlockedError and _still_shown(tx, attempt, now) and callers.rest(tx, blocked)
    if rests:
        alert(blocked)
        rested.append(blocked)
    return True


def _still_shown(tx: Connection, attempt: Record, now: datetime) -> bool:
    """Whether the number has not rested since that call: news of a block from before a rest is no new block."""
    standing = callers.standing(tx, [attempt.from_address], now)[attempt.from_address]
    since = standing.in_use_since
    return standing.rest is None and (since is None or attempt.planned_at >= since)


def _cause(carrier: Carrier, sid: str | None) -> int | None:
    try:
        return carrier.call_error(sid) if sid is not None else None
    except CarrierError:
        return None  # asked again next time


def run_once(store: Store, places: PlaceFinder, policy: CallerPolicy, now: datetime) -> HealthReport:
    """Recount the days of every number that running campaigns show, and rest those whose answer rate has fallen."""
    report = HealthReport()
    with store.read() as tx:
        beside = _pools(tx)
    for address in beside:
        report.recounted += recount(store, places, address, now)
    for address, others in beside.items():
        wanted = _judged(store, places, policy, address, others, now)
        if wanted is not None:
            report.rested.append(wanted)
    return report


def _pools(tx: Connection) -> Mapping[str, set[str]]:
    """Every number of a running campaign, with those that share a campaign with it."""
    plans = tx.execute(select(campaigns.c.plan).where(campaigns.c.state == CampaignState.RUNNING)).scalars()
    beside: defaultdict[str, set[str]] = defaultdict(set)
    for plan in plans:
        pool = (plan.get("voice") or {}).get("caller_ids", ())
        for address in pool:
            beside[address] |= set(pool) - {address}
    return beside


def recount(store: Store, places: PlaceFinder, address: str, now: datetime) -> int:
    """Count the number's open days anew from its attempts; how many days that is."""
    where = zone_of(places, address)
    today = now.astimezone(where).date()
    for back in range(DAYS_OPEN):
        day = today - timedelta(days=back)
        with store.write() as tx:
            callers.recount(tx, (address, day), midnight(day, where), midnight(day + timedelta(days=1), where))
        store.rest()
    return DAYS_OPEN


def _judged(
    store: Store, places: PlaceFinder, policy: CallerPolicy, address: str, others: set[str], now: datetime
) -> CallerRest | None:
    """The rest that begins now, None where the number goes on or rests already."""
    where = zone_of(places, address)
    today = now.astimezone(where).date()
    first = today - timedelta(days=policy.answers.recent_days + policy.answers.earlier_days)
    with store.read() as tx:
        standing = callers.standing(tx, {address, *others}, now)
        days = callers.days_since(tx, {address, *others}, first)
    if standing[address].rest is not None:
        return None
    since = standing[address].in_use_since
    rested_on = since.astimezone(where).date() if since is not None else None
    in_use = _days_of([other for other in others if standing[other].rest is None], days)
    found = fallen(days[address], in_use, today, policy.answers, rested_on)
    if not found:
        return None
    wanted = CallerRest(
        address=address,
        kind=RestKind.ANSWER_RATE,
        reason="; ".join(comparison.told for comparison in found),
        since=now,
        until=now + timedelta(days=policy.rest.days),
    )
    with store.write() as tx:
        rests = callers.rest(tx, wanted)
    if rests:
        alert(wanted)
    return wanted if rests else None


def _days_of(addresses: Sequence[str], days: Mapping[str, Sequence[CallerDay]]) -> list[CallerDay]:
    return [day for address in addresses for day in days[address]]
