"""Whether clearly fewer people pick up for one number than for the others of its pool, or than for itself before."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, lgamma

from orchestrator.domain.caller_id import CallerDay
from orchestrator.strategies.caller_policy import Answers


@dataclass(frozen=True, slots=True)
class Rate:
    """Calls that ended, and those of them that a person answered."""

    ended: int
    answered: int

    @property
    def share(self) -> float:
        """The share that a person answered; 0 of no calls."""
        return self.answered / self.ended if self.ended else 0.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """A number's recent rate beside another, and how likely so few answers are where both are equals."""

    beside: str
    recent: Rate
    other: Rate
    chance: float

    @property
    def told(self) -> str:
        """The comparison in words."""
        return (
            f"{self.recent.share:.0%} of {self.recent.ended} calls answered, {self.other.share:.0%} of "
            f"{self.other.ended} {self.beside} (chance {self.chance:.0e})"
        )


def fallen(
    number: Sequence[CallerDay],
    others: Collection[CallerDay],
    today: date,
    policy: Answers,
    rested_on: date | None = None,
) -> list[Comparison]:
    """The comparisons by which the number's answer rate has fallen; none where it has not, or nobody can tell.

    Every comparison that can be made must say so: the others alone may call other people, and a number's own past says
    nothing where the list has changed. Days up to ``rested_on``, the last day of a rest, have been judged already.
    """
    first = today - timedelta(days=policy.recent_days - 1)
    if rested_on is not None:
        first = max(first, rested_on + timedelta(days=1))
    begins = first - timedelta(days=policy.earlier_days)
    recent = rate(day for day in number if day.on >= first)
    beside = {
        "of the pool's others": rate(day for day in others if day.on >= first),
        "of its own before": rate(day for day in number if begins <= day.on < first),
    }
    if recent.ended < policy.least_calls:
        return []
    made = [_compare(words, recent, other) for words, other in beside.items() if other.ended >= policy.least_calls]
    return made if made and all(_says_so(one, policy) for one in made) else []


def rate(days: Iterable[CallerDay]) -> Rate:
    """The days together."""
    whole = list(days)
    return Rate(sum(day.ended for day in whole), sum(day.answered for day in whole))


def _compare(words: str, recent: Rate, other: Rate) -> Comparison:
    return Comparison(words, recent, other, chance_of_so_few(recent, other))


def _says_so(made: Comparison, policy: Answers) -> bool:
    return made.recent.share < policy.share * made.other.share and made.chance < policy.chance


def chance_of_so_few(few: Rate, many: Rate) -> float:
    """Fisher's exact test, one-sided: the chance of at most ``few.answered`` answers where both share one rate."""
    answered, ended = few.answered + many.answered, few.ended + many.ended
    least = max(0, answered - many.ended)
    whole = _log_choose(ended, answered)
    ways = (
        exp(_log_choose(few.ended, k) + _log_choose(many.ended, answered - k) - whole)
        for k in range(least, few.answered + 1)
    )
    return min(1.0, sum(ways))


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
