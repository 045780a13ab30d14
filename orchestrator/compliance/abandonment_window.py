"""Where the window began in which a country's regime counts abandoned calls."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from orchestrator.compliance.abandonment import DAY, THIRTY_DAYS, AbandonmentLimit
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.compliance.zone import midnight


def window_start(rulebook: Rulebook, country: str, launched_at: datetime, now: datetime) -> datetime | None:
    """The start of the window that ``now`` lies in, the longest where several rules count; None where none does."""
    limits = [
        rule.check
        for rule in rulebook.rules
        if isinstance(rule.check, AbandonmentLimit) and country in rule.heading.applies.jurisdictions
    ]
    return min((_start(limit, launched_at, now) for limit in limits), default=None)


def counts_false_positives(rulebook: Rulebook, country: str) -> bool:
    """Whether the regime counts people whom the detection took for machines: then it is better left off."""
    return any(
        isinstance(rule.check, AbandonmentLimit)
        and rule.check.with_false_positives
        and country in rule.heading.applies.jurisdictions
        for rule in rulebook.rules
    )


def _start(limit: AbandonmentLimit, launched_at: datetime, now: datetime) -> datetime:
    if limit.window == THIRTY_DAYS:
        periods = max(0, (now - launched_at) // timedelta(days=30))
        return launched_at + periods * timedelta(days=30)
    clock = limit.clock or ZoneInfo("UTC")
    today = now.astimezone(clock).date()
    return midnight(today if limit.window == DAY else today.replace(day=1), clock).astimezone(UTC)
