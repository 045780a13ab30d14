"""A supervisor's numbers of one campaign: time and calls by interval and agent, budgets by regime, pacing's reasons.

All of it is counted from facts as they are at the moment of asking. An agent serves a queue, so the agents' time is
that of the campaign's queue, whichever of its campaigns they worked for.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from orchestrator.domain.campaign import CampaignPlan, Seller
from orchestrator.domain.intervals import Interval, Span, intervals, seconds_by_state
from orchestrator.persistence import call_counts, pacer_memory, sellers, supervision
from orchestrator.persistence.campaigns import Campaign
from orchestrator.persistence.pacer_memory import Given
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.abandonment import Abandonment, RegimeBudget

LONGEST_WINDOW = timedelta(days=32)
REASONS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """A stored campaign as its calls are counted."""

    id: int
    seller: Seller
    plan: CampaignPlan
    launched_at: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """One interval of a campaign or an agent: seconds by state, ended calls by outcome, and people met of how many."""

    part: Interval
    seconds: Mapping[str, float]
    outcomes: Mapping[str, int]
    met: int = 0
    abandoned: int = 0

    @property
    def calls(self) -> int:
        """Ended calls that were planned in the interval."""
        return sum(self.outcomes.values())


@dataclass(frozen=True, slots=True)
class Numbers:
    """Everything that is shown; ``agents`` by id."""

    every: Sequence[Row]
    agents: Mapping[str, Sequence[Row]]
    budgets: Sequence[RegimeBudget]
    reasons: Sequence[Given]


def numbers_of(
    store: Store, abandonment: Abandonment, campaign: Campaign, since: datetime, now: datetime, every: timedelta
) -> Numbers:
    """The numbers from ``since`` to ``now``; ``since`` and ``every`` on a quarter of an hour."""
    parts = intervals(since, now, every)
    with store.read() as tx:
        call_counts.of_one_moment(tx)
        spans = _spans(tx, campaign, since, now)
        by_agent = supervision.calls_of_agents(tx, campaign.id, since, now)
        budgets = budgets_of(tx, abandonment, campaign, now)
        return Numbers(
            every=[_of_campaign(part, spans.values(), tx, campaign.id, now) for part in parts],
            agents={agent: _of_agent(agent, parts, spans[agent], by_agent, now) for agent in sorted(spans)},
            budgets=budgets,
            reasons=pacer_memory.given(tx, campaign.id, since, REASONS_SHOWN),
        )


def budgets_of(tx: Connection, abandonment: Abandonment, campaign: Campaign, now: datetime) -> list[RegimeBudget]:
    """The budget of every regime that the campaign has called under lately; none before its launch."""
    called = sorted(supervision.countries_called(tx, campaign.id, now - LONGEST_WINDOW))
    found = [budget_of(tx, abandonment, campaign, country, now) for country in called]
    return list({budget.regime.country: budget for budget in found if budget is not None}.values())


def budget_of(
    tx: Connection, abandonment: Abandonment, campaign: Campaign, country: str, now: datetime
) -> RegimeBudget | None:
    """The budget of the country's regime; None before the campaign's launch, or without calls."""
    seller = sellers.find(tx, campaign.seller_id)
    if campaign.launched_at is None or campaign.plan.voice is None or seller is None:
        return None
    return abandonment.budget(tx, Asked(campaign.id, seller, campaign.plan, campaign.launched_at), country, now)


def _spans(tx: Connection, campaign: Campaign, since: datetime, now: datetime) -> dict[str, list[Span]]:
    voice = campaign.plan.voice
    return {} if voice is None else supervision.spans_of_queue(tx, voice.queue, since, now)


def _of_campaign(
    part: Interval, spans: Iterable[Sequence[Span]], tx: Connection, campaign_id: int, now: datetime
) -> Row:
    seconds: defaultdict[str, float] = defaultdict(float)
    for one in spans:
        for state, spent in seconds_by_state(one, part, now).items():
            seconds[state] += spent
    counts = call_counts.since(tx, campaign_id, part.begins, part.ends)
    outcomes: Counter[str] = Counter()
    for count in counts:
        outcomes[count.outcome] += count.calls
    met = sum(count.human - count.marked for count in counts)
    return Row(part, dict(seconds), _some(outcomes), met, sum(count.abandoned for count in counts))


def _of_agent(
    agent: str, parts: Sequence[Interval], spans: Sequence[Span], calls: Sequence[Record], now: datetime
) -> list[Row]:
    mine = [row for row in calls if row.agent_id == agent]
    return [Row(part, seconds_by_state(spans, part, now), _outcomes(mine, part)) for part in parts]


def _outcomes(rows: Sequence[Record], part: Interval) -> dict[str, int]:
    found: Counter[str] = Counter()
    for row in rows:
        if part.begins <= row.quarter_at < part.ends:
            found[row.outcome] += row.calls
    return _some(found)


def _some(counts: Counter[str]) -> dict[str, int]:
    return {what: count for what, count in sorted(counts.items()) if count}


def numbers_form(numbers: Numbers) -> dict[str, Any]:
    """The numbers as plain JSON."""
    return {
        "intervals": [{**_row_form(row), **_rates(row)} for row in numbers.every],
        "agents": {agent: [_row_form(row) for row in rows] for agent, rows in numbers.agents.items()},
        "abandonment": [budget_form(budget) for budget in numbers.budgets],
        "reasons": [
            {"at": one.at.isoformat(), "paced_by": one.regime, "words": one.reason.words()} for one in numbers.reasons
        ],
    }


def _row_form(row: Row) -> dict[str, Any]:
    seconds = {state: round(spent, 1) for state, spent in sorted(row.seconds.items())}
    return {"begins_at": row.part.begins.isoformat(), "seconds": seconds, "calls": row.calls, "outcomes": row.outcomes}


def _rates(row: Row) -> dict[str, Any]:
    rate = round(row.met / row.calls, 4) if row.calls else None
    return {"met": row.met, "abandoned": row.abandoned, "answer_rate": rate}


def budget_form(budget: RegimeBudget) -> dict[str, Any]:
    """One regime's budget as plain JSON; ``calls_left`` may be below nothing."""
    counts = budget.counts
    return {
        "country": budget.regime.country,
        "rule": budget.regime.rule,
        "limit": budget.limit,
        "window": budget.regime.window,
        "began_at": counts.window_started_at.isoformat() if counts.window_started_at else None,
        "ends_at": budget.ends.isoformat(),
        "live_answered": counts.live_answered,
        "abandoned": counts.abandoned,
        "taken_for_machines": counts.amd_false_positives_estimated,
        "estimate": budget.estimate or None,
        "calls_left": round(budget.left, 2),
        "dialled": "ahead" if budget.bears_another else "with reserved agents",
    }
