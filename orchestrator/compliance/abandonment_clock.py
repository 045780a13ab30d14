"""By when a person who answered must hear an agent, or the information message, for the call to be none abandoned."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from orchestrator.compliance.abandonment import GREETING_END, PICK_UP, STRICTEST_SECONDS, AbandonmentLimit
from orchestrator.compliance.rulebook import Rulebook


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerClock:
    """So many seconds from the pick-up, or from the end of the greeting. Without a regime: the strictest there is."""

    within_seconds: int = STRICTEST_SECONDS
    counted_from: str = PICK_UP

    @property
    def bears_a_verdict(self) -> bool:
        """Whether detection may be waited for before the call is joined: not where its seconds count."""
        return self.counted_from == GREETING_END

    def spent_at(self, answered_at: datetime, greeting_end_at: datetime | None) -> datetime:
        """When the time is over; an end of the greeting that nobody knows is the pick-up."""
        counted = greeting_end_at if self.counted_from == GREETING_END else None
        return max(answered_at, counted or answered_at) + timedelta(seconds=self.within_seconds)


def answer_clock(rulebook: Rulebook, country: str) -> AnswerClock:
    """The clock of the country's regime, the strictest of several in each respect."""
    limits = [
        rule.check
        for rule in rulebook.rules
        if isinstance(rule.check, AbandonmentLimit) and country in rule.heading.applies.jurisdictions
    ]
    if not limits:
        return AnswerClock()
    patient = all(limit.counted_from == GREETING_END for limit in limits)
    return AnswerClock(
        within_seconds=min(limit.within_seconds for limit in limits),
        counted_from=GREETING_END if patient else PICK_UP,
    )
