"""What the Reassigned Numbers Database said, kept by number and by the day that it was asked about."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.contact_request import ReassignedResult
from orchestrator.domain.decision import Cure
from orchestrator.domain.enrollment import EnrollmentStage
from orchestrator.domain.reassignment import COVERED, NEXT_EDITION, KnownAnswer
from orchestrator.persistence.tables.campaigns import campaigns, enrollments
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import consents, contact_points, number_facts, reassigned_answers

ONCE = 500  # keys in one statement
LASTING = (ReassignedResult.YES, ReassignedResult.NO_DATA)
SKEW = timedelta(hours=1)  # between the clocks of two workers; what is dated further ahead was written by a wrong one

Which = tuple[bytes, date]  # a number's key and the day asked about


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one lookup brought; ``result`` None: no answer, perhaps with the carrier's code why."""

    number_key: bytes
    last_verified_on: date
    result: ReassignedResult | None
    error: int | None = None


KNOWN = select(reassigned_answers).where(  # built once: each batch asks
    reassigned_answers.c.number_key.in_(bindparam("b_keys", expanding=True)), reassigned_answers.c.result.is_not(None)
)


def known(tx: Connection, number_keys: Sequence[bytes]) -> Mapping[bytes, list[KnownAnswer]]:
    """Every answer about these numbers; a number of which nothing is known is absent."""
    found: dict[bytes, list[KnownAnswer]] = defaultdict(list)
    for row in tx.execute(KNOWN, {"b_keys": number_keys}):
        answer = KnownAnswer(
            last_verified_on=row.last_verified_on, result=ReassignedResult(row.result), checked_at=row.checked_at
        )
        found[bytes(row.number_key)].append(answer)
    return found


def asked_lately(tx: Connection, number_keys: Sequence[bytes], now: datetime, again_after: timedelta) -> set[Which]:
    """What need not be asked again yet, by number and day: what was asked lately, and what only a new edition changes.

    ``again_after`` is for a no, whose age the law limits, and for what was not answered.
    """
    found: set[Which] = set()
    table = reassigned_answers.c
    sane = now + SKEW
    for start in range(0, len(number_keys), ONCE):
        some = table.number_key.in_(number_keys[start : start + ONCE])
        lasting = table.result.in_(LASTING) & (table.checked_at > now - NEXT_EDITION) & (table.checked_at <= sane)
        lately = or_((table.asked_at > now - again_after) & (table.asked_at <= sane), lasting)
        query = select(table.number_key, table.last_verified_on).where(some, lately)
        found.update((bytes(row.number_key), row.last_verified_on) for row in tx.execute(query))
    return found


def begin(tx: Connection, asking: Sequence[Which], now: datetime) -> Mapping[Which, datetime]:
    """Write that these are asked now, before they are; returns when they were asked before, for ``take_back``."""
    table, before = reassigned_answers.c, dict[Which, datetime]()
    query = select(table.number_key, table.last_verified_on, table.asked_at)
    for row in tx.execute(query.where(table.number_key.in_({key for key, _ in asking}))):
        before[bytes(row.number_key), row.last_verified_on] = row.asked_at
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    statement = insert(reassigned_answers)
    statement = statement.on_conflict_do_update(
        index_elements=[table.number_key, table.last_verified_on],
        set_={"asked_at": statement.excluded.asked_at, "error": None},
    )
    tx.execute(
        statement, [{"number_key": key, "last_verified_on": day, "asked_at": now} for key, day in sorted(asking)]
    )
    return {which: before[which] for which in asking if which in before}


def take_back(tx: Connection, unasked: Sequence[Which], before: Mapping[Which, datetime]) -> None:
    """These were not asked after all: each is as it was."""
    table = reassigned_answers.c
    for key, day in sorted(unasked):
        this = (table.number_key == key) & (table.last_verified_on == day)
        if (key, day) in before:
            tx.execute(update(reassigned_answers).where(this).values(asked_at=before[key, day]))
        else:
            tx.execute(delete(reassigned_answers).where(this, table.result.is_(None)))


def record(tx: Connection, told: Sequence[Told], now: datetime) -> None:
    """Write what lookups brought. One that brought nothing leaves an earlier answer as it is."""
    if not told:
        return
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    rows = [
        {
            "number_key": one.number_key,
            "last_verified_on": one.last_verified_on,
            "result": one.result,
            "checked_at": now if one.result is not None else None,
            "asked_at": now,
            "error": one.error,
        }
        for one in sorted(told, key=lambda one: (one.number_key, one.last_verified_on))  # two writers lock in one order
    ]
    statement = insert(reassigned_answers)
    new, table = statement.excluded, reassigned_answers.c
    values = {
        "result": func.coalesce(new.result, table.result),
        "checked_at": func.coalesce(new.checked_at, table.checked_at),
        "asked_at": new.asked_at,
        "error": new.error,
    }
    keys = [table.number_key, table.last_verified_on]
    tx.execute(statement.on_conflict_do_update(index_elements=keys, set_=values), rows)


def waiting(tx: Connection, now: datetime, after: int, limit: int) -> Sequence[Record]:
    """The numbers of those whom running campaigns cannot contact for want of an answer, by contact point from there.

    Each with ``proven_at``, the moment of its newest proven consent, and ``recorded_at``, when it came to us.
    """
    points = contact_points.c
    blocked = (
        select(enrollments.c.contact_id)
        .join(campaigns, campaigns.c.id == enrollments.c.campaign_id)
        .where(enrollments.c.stage == EnrollmentStage.BLOCKED, enrollments.c.cure == Cure.REASSIGNED)
        .where(campaigns.c.state == CampaignState.RUNNING)
    )
    proven_at = (
        select(func.max(consents.c.happened_at, type_=consents.c.happened_at.type))
        .where(consents.c.seller_id == points.seller_id, consents.c.number_key == points.number_key)
        .where(consents.c.event == "given", consents.c.evidence_sealed.is_not(None), consents.c.happened_at <= now)
        .correlate(contact_points)
        .scalar_subquery()
    )
    alive = and_(number_facts.c.number_key == points.number_key, number_facts.c.dead_at.is_not(None))
    query = (
        select(
            points.id,
            points.number_key,
            points.number_sealed,
            points.created_at.label("recorded_at"),
            proven_at.label("proven_at"),
        )
        .outerjoin(number_facts, alive)
        .where(points.contact_id.in_(blocked), points.country.in_(COVERED), points.id > after)
        .where(number_facts.c.number_key.is_(None))
        .order_by(points.id)
        .limit(limit)
    )
    return tx.execute(query).all()
