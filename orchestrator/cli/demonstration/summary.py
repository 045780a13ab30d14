"""What the demo came to, counted from the tables and compared with what the carrier saw."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.request import urlopen

from sqlalchemy import Connection, func, or_, select

from orchestrator.domain.contact_request import Mode
from orchestrator.domain.enrollment import EnrollmentStage
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import decisions, enrollments
from orchestrator.persistence.tables.lists import list_rows, lists
from orchestrator.persistence.tables.people import suppressions
from orchestrator.pipeline.planning import TO

HELD_SHOWN = 40


def summarise(store: Store, sandbox_url: str, elapsed_seconds: float, now: datetime) -> dict[str, Any]:
    """Lists, enrollments, attempts, decisions, abandonment, opt-outs, double contacts, and who is held until when.

    Whoever was held until ``now`` or earlier is due, and no longer held.
    """
    with store.read() as tx:
        return {
            "lists": _lists(tx),
            "enrollments": _counts(tx, enrollments.c.stage),
            "attempts": _attempts(tx),
            "decisions": _decisions(tx),
            "abandonment": _abandonment(tx),
            "opt_outs": tx.execute(select(func.count()).select_from(suppressions)).scalar_one(),
            "double_contacts": double_contacts(tx, store, sandbox_url),
            "due_now": _due_now(tx, now),
            "held": _held(tx, now),
            "blocked": _blocked(tx),
            "elapsed": round(elapsed_seconds, 1),
        }


def _counts(tx: Connection, column: Any) -> dict[str, int]:
    query = select(column, func.count()).group_by(column).order_by(column)
    return {key or "-": count for key, count in tx.execute(query)}


def _lists(tx: Connection) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    query = select(lists.c.name, list_rows.c.verdict, func.count()).join(list_rows, list_rows.c.list_id == lists.c.id)
    for name, verdict, count in tx.execute(query.group_by(lists.c.name, list_rows.c.verdict)):
        found[name][verdict] = count
    return found


def _attempts(tx: Connection) -> list[dict[str, Any]]:
    columns = (attempts.c.channel, attempts.c.mode, attempts.c.outcome)
    query = select(*columns, func.count().label("count")).group_by(*columns).order_by(*columns)
    return [dict(row._mapping) for row in tx.execute(query)]


def _decisions(tx: Connection) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in tx.execute(select(decisions.c.verdict, decisions.c.rules, decisions.c.times)):
        found[row.verdict][row.rules[0] if row.rules else "-"] += row.times
    return {verdict: dict(counts.most_common()) for verdict, counts in found.items()}


def _abandonment(tx: Connection) -> dict[str, dict[str, float]]:
    """By country, of the calls that a machine dialled, as `campaigns status` counts them."""
    live = or_(attempts.c.connected_at.is_not(None), attempts.c.abandoned_at.is_not(None))
    person = or_(attempts.c.answered_by.is_(None), attempts.c.answered_by.not_in(("machine", "fax")))
    query = select(
        attempts.c.country,
        func.count().filter(live, person),
        func.count().filter(attempts.c.abandoned_at.is_not(None), person),
    ).where(attempts.c.mode.in_((Mode.PREDICTIVE, Mode.PROGRESSIVE)))
    rows = tx.execute(query.group_by(attempts.c.country).order_by(attempts.c.country))
    return {
        country: {"live_answered": met, "abandoned": lost, "rate": round(lost / met, 4) if met else 0.0}
        for country, met, lost in rows
    }


def double_contacts(tx: Connection, store: Store, sandbox_url: str) -> int:
    """How many more times the carrier rang or texted a number than we have attempts for it."""
    ours: Counter[str] = Counter()
    for row in tx.execute(select(attempts.c.to_sealed).where(attempts.c.sid.is_not(None))):
        ours[store.keyring.open(row.to_sealed, TO)] += 1
    with urlopen(f"{sandbox_url}/sandbox/report", timeout=30) as answer:  # noqa: S310 - our own sandbox on loopback
        report: Mapping[str, Any] = json.load(answer)
    theirs = Counter(_contacts(report))
    return sum((theirs - ours).values())


def _contacts(report: Mapping[str, Any]) -> list[str]:
    """Every number that an outbound call or message of ours went to, once for each."""
    rows = [*report["calls"], *report["messages"]]
    ours = [row for row in rows if row["direction"] == "outbound-api" and str(row["to"]).startswith("+")]
    return [row["to"] for row in ours]


def _due_now(tx: Connection, now: datetime) -> int:
    """Everybody whom nothing holds any more, and whose turn has not come."""
    free = or_(enrollments.c.held_by.is_(None), enrollments.c.next_eligible_at <= now)
    query = select(func.count()).where(enrollments.c.stage == EnrollmentStage.DUE, free)
    return int(tx.execute(query).scalar_one())


def _held(tx: Connection, now: datetime) -> list[dict[str, Any]]:
    """Everybody who waits, by what holds them and when it opens."""
    query = (
        select(enrollments.c.held_by, enrollments.c.next_eligible_at, func.count().label("contacts"))
        .where(
            enrollments.c.stage == EnrollmentStage.DUE,
            enrollments.c.held_by.is_not(None),
            enrollments.c.next_eligible_at > now,
        )
        .group_by(enrollments.c.held_by, enrollments.c.next_eligible_at)
    )
    by_minute: Counter[tuple[str, datetime]] = Counter()
    for row in tx.execute(query):
        by_minute[row.held_by, row.next_eligible_at.replace(second=0, microsecond=0)] += row.contacts
    rows = [{"rule": rule, "opens_at": at.isoformat(), "contacts": count} for (rule, at), count in by_minute.items()]
    return sorted(rows, key=lambda row: -int(str(row["contacts"])))[:HELD_SHOWN]


def _blocked(tx: Connection) -> list[dict[str, Any]]:
    columns = (enrollments.c.blocked_by, enrollments.c.cure, enrollments.c.cure_detail)
    query = select(*columns, func.count().label("contacts")).where(enrollments.c.stage == EnrollmentStage.BLOCKED)
    return [dict(row._mapping) for row in tx.execute(query.group_by(*columns))]
