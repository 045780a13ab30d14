"""The numbers that calls show: how they stand, what each day brought, and their rests."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Connection, bindparam, case, func, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from orchestrator.domain.attempt import NO_CONTACT, Outcome
from orchestrator.domain.caller_id import CallerDay, CallerRest, CallerStanding, RestKind
from orchestrator.domain.contact_request import Channel
from orchestrator.persistence.tables.attempts import IS_ENDED, attempts
from orchestrator.persistence.tables.callers import caller_days, caller_ids, caller_rests
from orchestrator.persistence.tables.columns import Record

Day = tuple[str, date]  # a number, and a day of its own zone
IS_OPEN = caller_rests.c.ended_at.is_(None)
A_PERSON = (Outcome.REACHED, Outcome.ABANDONED, Outcome.HUNG_UP)
TELLS_NOTHING = (*NO_CONTACT, Outcome.NOT_IN_SERVICE, Outcome.LOST)  # of how a caller id is met
COUNTS = ("placed", "ended", "answered", "stir_a", "stir_b", "stir_c")
# Built once: each batch of calls asks.
_ADDRESSES: BindParameter[Any] = bindparam("b_addresses", expanding=True)
KNOWN = select(caller_ids).where(caller_ids.c.address.in_(_ADDRESSES))
RESTS = select(caller_rests).where(caller_rests.c.address.in_(_ADDRESSES)).order_by(caller_rests.c.id)
HELD = (
    select(caller_days.c.address, caller_days.c.on, caller_days.c.placed)
    .where(tuple_(caller_days.c.address, caller_days.c.on).in_(bindparam("b_days", expanding=True)))
    .order_by(caller_days.c.address, caller_days.c.on)
    .with_for_update()
)
PLACED = (
    update(caller_days)
    .where(caller_days.c.address == bindparam("b_address"), caller_days.c.on == bindparam("b_on"))
    .values(placed=caller_days.c.placed + bindparam("b_calls"))
)


def standing(tx: Connection, addresses: Collection[str], now: datetime) -> dict[str, CallerStanding]:
    """How each of these numbers stands; one of which nothing is on record is in use and has no cap of its own."""
    known = {row.address: row for row in tx.execute(KNOWN, {"b_addresses": list(addresses)})}
    rests = _last_rests(tx, addresses)
    return {address: _standing(address, known.get(address), rests.get(address), now) for address in addresses}


def first_in_use(tx: Connection, addresses: Sequence[str], now: datetime) -> str:
    """The first of these that does not rest; the very first where all do, for those to ring whom we employ."""
    found = standing(tx, addresses, now)
    return next((address for address in addresses if found[address].rest is None), addresses[0])


def _last_rests(tx: Connection, addresses: Collection[str]) -> Mapping[str, Record]:
    return {row.address: row for row in tx.execute(RESTS, {"b_addresses": list(addresses)})}


def _standing(address: str, row: Record | None, last: Record | None, now: datetime) -> CallerStanding:
    found = CallerStanding(address=address)
    if row is not None:
        found = replace(found, daily_cap=row.daily_cap, called_back_at=row.called_back_at)
    if last is None:
        return found
    over_at = last.ended_at or last.until
    if over_at is not None and over_at <= now:
        return replace(found, in_use_since=over_at)
    return replace(found, rest=rest_of(last))


def rest_of(row: Record) -> CallerRest:
    """The rest in a row."""
    return CallerRest(
        address=row.address,
        kind=RestKind(row.kind),
        reason=row.reason,
        since=row.since,
        until=row.until,
        by=row.by,
    )


def rest(tx: Connection, wanted: CallerRest) -> bool:
    """Let the number rest; False where it rests already, and then nothing changes. The row written is the alert."""
    over = (caller_rests.c.address == wanted.address) & IS_OPEN & (caller_rests.c.until <= wanted.since)
    tx.execute(update(caller_rests).where(over).values(ended_at=caller_rests.c.until))
    values = {name: getattr(wanted, name) for name in ("address", "kind", "reason", "since", "until", "by")}
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    row = dialect.insert(caller_rests).values(values).on_conflict_do_nothing().returning(caller_rests.c.id)
    return tx.execute(row).first() is not None


def use(tx: Connection, address: str, now: datetime) -> bool:
    """End the number's rest; False where it does not rest."""
    resting = (caller_rests.c.address == address) & IS_OPEN
    still = caller_rests.c.until.is_(None) | (caller_rests.c.until > now)
    return tx.execute(update(caller_rests).where(resting, still).values(ended_at=now)).rowcount == 1


def rests(tx: Connection, addresses: Collection[str], limit: int) -> Sequence[Record]:
    """The latest rests of these numbers, the newest first."""
    query = select(caller_rests).where(caller_rests.c.address.in_(addresses))
    return tx.execute(query.order_by(caller_rests.c.id.desc()).limit(limit)).all()


def set_cap(tx: Connection, address: str, daily_cap: int | None) -> None:
    """Give the number a cap of its own; None: the one that config/caller_ids.toml has for all."""
    _keep(tx, address, "daily_cap", daily_cap)


def note_called_back(tx: Connection, address: str, now: datetime) -> None:
    """The carrier says that calls to the number reach us."""
    _keep(tx, address, "called_back_at", now)


def _keep(tx: Connection, address: str, column: str, value: object) -> None:
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    row = dialect.insert(caller_ids).values({"address": address, column: value})
    tx.execute(row.on_conflict_do_update(index_elements=[caller_ids.c.address], set_={column: value}))


def hold_days(tx: Connection, days: Iterable[Day]) -> dict[Day, int]:
    """How many calls were placed on each, held until the transaction ends, so that nobody counts beside it.

    The rows are locked in one order: two workers with overlapping pools never wait for each other in a ring.
    """
    wanted = sorted(set(days))
    held = _held(tx, wanted)
    if len(held) < len(wanted):
        dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
        missing = [{"address": address, "on": on} for address, on in wanted if (address, on) not in held]
        tx.execute(dialect.insert(caller_days).on_conflict_do_nothing(), missing)
        held = _held(tx, wanted)
    return held


def _held(tx: Connection, days: Sequence[Day]) -> dict[Day, int]:
    return {(row.address, row.on): row.placed for row in tx.execute(HELD, {"b_days": list(days)})}


def count_placed(tx: Connection, placed: Mapping[Day, int]) -> None:
    """Add calls that are planned in this transaction, which holds those days."""
    for (address, on), calls in sorted(placed.items()):
        tx.execute(PLACED, {"b_address": address, "b_on": on, "b_calls": calls})


def recount(tx: Connection, day: Day, begins: datetime, ends: datetime) -> CallerDay:
    """Count the day's calls anew from the attempts, and store that. Calls that the carrier never took are left out."""
    hold_days(tx, [day])
    row = tx.execute(_counting(day[0], begins, ends)).one()
    found = {name: int(getattr(row, name) or 0) for name in COUNTS}
    here = (caller_days.c.address == day[0]) & (caller_days.c.on == day[1])
    tx.execute(update(caller_days).where(here).values(found))
    levels = (found["stir_a"], found["stir_b"], found["stir_c"])
    return CallerDay(
        address=day[0],
        on=day[1],
        placed=found["placed"],
        ended=found["ended"],
        answered=found["answered"],
        levels=levels,
    )


def _counting(address: str, begins: datetime, ends: datetime):  # type: ignore[no-untyped-def]
    outcome = attempts.c.outcome
    told = IS_ENDED & outcome.not_in(TELLS_NOTHING)
    conditions = {
        "placed": outcome.is_(None) | outcome.not_in((Outcome.NEVER_SENT, Outcome.REFUSED)),
        "ended": told,
        "answered": told & outcome.in_(A_PERSON),
        **{f"stir_{level.lower()}": attempts.c.stir_status == level for level in "ABC"},
    }
    sums = [func.sum(case((condition, 1), else_=0)).label(name) for name, condition in conditions.items()]
    return select(*sums).where(
        attempts.c.from_address == address,
        attempts.c.channel == Channel.VOICE,
        attempts.c.planned_at >= begins,
        attempts.c.planned_at < ends,
    )


def note_level(tx: Connection, attempt_id: UUID, level: str) -> None:
    """The carrier attested the number so for this call; the first word stays."""
    untold = (attempts.c.id == attempt_id) & attempts.c.stir_status.is_(None)
    tx.execute(update(attempts).where(untold).values(stir_status=level))


def days_since(tx: Connection, addresses: Collection[str], since: date) -> dict[str, list[CallerDay]]:
    """What each day since then brought to each of these numbers, oldest first."""
    query = select(caller_days).where(caller_days.c.address.in_(addresses), caller_days.c.on >= since)
    found: dict[str, list[CallerDay]] = {address: [] for address in addresses}
    for row in tx.execute(query.order_by(caller_days.c.address, caller_days.c.on)):
        found[row.address].append(_day(row))
    return found


def _day(row: Record) -> CallerDay:
    return CallerDay(
        address=row.address,
        on=row.on,
        placed=row.placed,
        ended=row.ended,
        answered=row.answered,
        levels=(row.stir_a, row.stir_b, row.stir_c),
    )
