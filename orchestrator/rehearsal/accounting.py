"""Read the report of a rehearsed day out of its tables."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from orchestrator.domain.attempt import Outcome
from orchestrator.domain.contact_request import Channel
from orchestrator.persistence import campaigns as stored
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import enrollments
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.abandonment import Abandonment
from orchestrator.pipeline.numbers import budget_of
from orchestrator.rehearsal import staffing
from orchestrator.rehearsal.consumption import used
from orchestrator.rehearsal.cost import Prices
from orchestrator.rehearsal.left_out import not_contacted
from orchestrator.rehearsal.played import Played
from orchestrator.rehearsal.report import Hour, Regime, Report

NOBODY = frozenset({"machine", "fax"})


def report_of(played: Played, prices: Prices) -> Report:
    """The day's report."""
    rehearsal, boarded = played.rehearsal, played.boarded
    with played.memory.read() as tx:
        campaign = stored.fetch(tx, played.campaign.id)
        rows = _of_the_day(tx, campaign.id, rehearsal.start)
        time = staffing.spent(tx, rehearsal.start, rehearsal.end)
        return Report(
            campaign=campaign.name,
            start=rehearsal.start,
            lasts=rehearsal.lasts,
            seed=rehearsal.seed,
            agents=played.agents,
            due=boarded.due,
            people=boarded.people,
            factor=boarded.factor,
            finished_at=_finished_at(tx, campaign.id, rows, rehearsal.end),
            state=campaign.state,
            state_reason=campaign.state_reason,
            contacted=len({row.contact_id for row in rows}),
            reached=len({row.contact_id for row in rows if _is_reached(row)}),
            outcomes=_outcomes(rows),
            utilisation=staffing.shares(time),
            regimes=tuple(_regimes(tx, played, rows)),
            hours=tuple(_hours(rows, time, rehearsal.start, rehearsal.end)),
            not_contacted=not_contacted(tx, played),
            bill=prices.bill(used(rows, played)),
        )


def _of_the_day(tx: Connection, campaign_id: int, start: datetime) -> Sequence[Record]:
    here = (attempts.c.campaign_id == campaign_id, attempts.c.planned_at >= start)
    return tx.execute(select(attempts).where(*here).order_by(attempts.c.planned_at)).all()


def _finished_at(tx: Connection, campaign_id: int, rows: Sequence[Record], end: datetime) -> datetime | None:
    """When the last contact had ended, where nobody more could be contacted before the end."""
    waiting = (enrollments.c.campaign_id == campaign_id, enrollments.c.stage == "due")
    query = select(func.count()).where(*waiting, enrollments.c.next_eligible_at < end)
    if tx.execute(query).scalar_one():
        return None
    return max((row.ended_at for row in rows if row.ended_at is not None), default=None)


def _is_reached(row: Record) -> bool:
    return row.outcome in {Outcome.REACHED, Outcome.DELIVERED}


def _outcomes(rows: Sequence[Record]) -> Mapping[str, Mapping[str, int]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        found[row.mode or row.channel][row.outcome or row.stage] += 1
    return {how: dict(sorted(counts.items())) for how, counts in sorted(found.items())}


def _met(row: Record) -> bool:
    """Whether a person was on the line, joined or abandoned: what the regimes count."""
    was_live = row.connected_at is not None or row.abandoned_at is not None
    return was_live and row.answered_by not in NOBODY


def _regimes(tx: Connection, played: Played, rows: Sequence[Record]) -> Iterator[Regime]:
    """Each country that was called."""
    budgets = Abandonment(played.memory, played.engine.rulebook)
    called = [row for row in rows if row.channel == Channel.VOICE]
    for country in sorted({row.country for row in called}):
        live = [row for row in called if row.country == country and _met(row)]
        window = budget_of(tx, budgets, played.campaign, country, played.rehearsal.end)
        law = window if window is not None and window.is_law else None
        yield Regime(
            country=country,
            live_answered=len(live),
            abandoned=sum(row.abandoned_at is not None for row in live),
            window_began_at=law.counts.window_started_at if law else None,
            window_live_answered=law.counts.live_answered if law else 0,
            window_abandoned=law.counts.abandoned if law else 0,
            limit_percent=round(100 * law.regime.max_share) if law else None,
        )


def _hours(rows: Sequence[Record], time: staffing.Spent, start: datetime, end: datetime) -> Iterator[Hour]:
    count = -(-(end - start) // staffing.HOUR)
    by_hour: dict[int, list[Record]] = defaultdict(list)
    for row in rows:
        by_hour[(row.planned_at - start) // staffing.HOUR].append(row)
    for number in range(count):
        here, shares = by_hour[number], staffing.shares(time, number)
        yield Hour(
            begins_at=start + number * staffing.HOUR,
            calls=sum(row.channel == Channel.VOICE for row in here),
            texts=sum(row.channel == Channel.SMS for row in here),
            reached=sum(_is_reached(row) for row in here),
            abandoned=sum(row.abandoned_at is not None and _met(row) for row in here),
            talking=shares.get("talking", 0.0),
            wrapping=shares.get("wrapping", 0.0),
        )
