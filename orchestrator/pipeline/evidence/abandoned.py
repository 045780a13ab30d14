"""Abandoned calls around one attempt: of that day and that month, by the called party's country."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection

from orchestrator.persistence import call_counts
from orchestrator.pipeline.evidence.disclosing import Item


def abandoned(tx: Connection, campaign_id: int, day: date) -> list[Item]:
    """The campaign's counts; days and months are those of UTC."""
    begins = datetime.combine(day, datetime.min.time(), UTC)
    month = begins.replace(day=1)
    next_month = (month + timedelta(days=32)).replace(day=1)
    return [
        _counted(tx, campaign_id, f"day {day}", begins, begins + timedelta(days=1)),
        _counted(tx, campaign_id, f"month {day:%Y-%m}", month, next_month),
    ]


def _counted(tx: Connection, campaign_id: int, span: str, begins: datetime, ends: datetime) -> Item:
    by_country: dict[str, dict[str, float]] = {}
    for count in call_counts.since(tx, campaign_id, begins, ends):
        sums = by_country.setdefault(count.country, {"live_answered": 0, "abandoned": 0, "taken_for_machines": 0})
        sums["live_answered"] += count.human - count.marked
        sums["abandoned"] += count.abandoned
        sums["taken_for_machines"] += count.detected
    for sums in by_country.values():
        live = sums["live_answered"]
        sums["percent_abandoned"] = round(100 * sums["abandoned"] / live, 2) if live else 0.0
    return {"campaign": campaign_id, "span": span, "by_country": by_country}
