"""Whose rule on abandoned calls a called party's country follows: cap, window, clock and formula, from the rulebook."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from orchestrator.compliance.abandonment import DAY, MONTH, THIRTY_DAYS, AbandonmentLimit
from orchestrator.compliance.rule import Applies, Rule
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.compliance.zone import midnight, next_month, zone
from orchestrator.domain.contact_request import CallerKind, Channel, Mode, Purpose
from orchestrator.domain.quarters import quarter_at

OURS = "our own limit"
LENGTH = {DAY: 1, THIRTY_DAYS: 30, MONTH: 31}  # days at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Calling:
    """What a regime asks about a campaign: why it calls, and who."""

    purpose: Purpose
    caller: CallerKind = CallerKind.COMMERCIAL
    sells_too: bool = False

    @property
    def purposes(self) -> frozenset[Purpose]:
        """What the calls are about in law: whatever also sells is a sales call."""
        return frozenset({self.purpose, Purpose.TELEMARKETING} if self.sells_too else {self.purpose})


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """One country's rule. ``rule`` is its id in config/, or OURS where the law of the country sets no limit.

    ``max_share``: of calls answered live. ``with_false_positives``: people whom the detection took for machines are
    added to the abandoned and to the answered calls.
    """

    country: str
    rule: str
    max_share: float
    window: str
    clock: ZoneInfo
    with_false_positives: bool = False

    def began(self, launched_at: datetime, now: datetime) -> datetime:
        """The first moment of the window that ``now`` lies in, on a quarter of an hour.

        Periods of 30 days follow each other from the quarter in which the campaign was launched.
        """
        if self.window == THIRTY_DAYS:
            first = quarter_at(launched_at)
            return first + max(0, (now - first) // timedelta(days=30)) * timedelta(days=30)
        return midnight(self._first_day(now), self.clock)

    def ends(self, launched_at: datetime, now: datetime) -> datetime:
        """The first moment after the window that ``now`` lies in."""
        if self.window == THIRTY_DAYS:
            return self.began(launched_at, now) + timedelta(days=30)
        first = self._first_day(now)
        return midnight(first + timedelta(days=1) if self.window == DAY else next_month(first), self.clock)

    def _first_day(self, now: datetime) -> date:
        today = now.astimezone(self.clock).date()
        return today if self.window == DAY else today.replace(day=1)


def regime_of(rulebook: Rulebook, country: str, calling: Calling, now: datetime, our_share: float) -> Regime:
    """The regime of calls to a country; where several rules bind, the lowest cap over the longest window.

    ``our_share`` over 30 days is kept where the law sets no limit: a call that reaches nobody is no better there.
    """
    home = rulebook.numbering.territories.get(country, country)
    return _regime_on(now.astimezone(UTC).date(), rulebook, home, calling, our_share)


@lru_cache(maxsize=256)  # each tick asks, and rules change by the day
def _regime_on(today: date, rulebook: Rulebook, home: str, calling: Calling, our_share: float) -> Regime:
    binding = [rule.check for rule in rulebook.rules if _binds(rule, home, calling, today)]
    limits = [check for check in binding if isinstance(check, AbandonmentLimit)]
    if not limits:
        return Regime(country=home, rule=OURS, max_share=our_share, window=THIRTY_DAYS, clock=zone("UTC"))
    strictest = min(limits, key=lambda limit: (limit.max_percent, -LENGTH[limit.window]))
    return Regime(
        country=home,
        rule=next(rule.id for rule in rulebook.rules if rule.check is strictest),
        max_share=strictest.max_percent / 100,
        window=strictest.window,
        clock=strictest.clock or _last_clock(rulebook, home, today.year),
        with_false_positives=any(limit.with_false_positives for limit in limits),
    )


def _last_clock(rulebook: Rulebook, country: str, year: int) -> ZoneInfo:
    """The country's clock on which a day begins last, where the rule names none.

    A month that turned by a clock further east would part the last evening's calls in the west in two.
    """
    known = rulebook.numbering.countries.get(country)
    zones = [zone(name) for name in known.zones] if known and known.zones else [zone("UTC")]
    return min(zones, key=lambda where: _hours_east(where, year))


def _hours_east(where: ZoneInfo, year: int) -> float:
    """Of UTC, winter and summer together: the same all year, so that a clock change moves no window."""
    seasons = (datetime(year, month, 1, tzinfo=where).utcoffset() or timedelta(0) for month in (1, 7))
    return sum(offset / timedelta(hours=1) for offset in seasons)


def territories_of(rulebook: Rulebook, country: str) -> frozenset[str]:
    """The codes under which numbers of that country are kept, its territories' among them."""
    of_it = (code for code, home in rulebook.numbering.territories.items() if home == country)
    return frozenset({country, *of_it})


def _binds(rule: Rule, country: str, calling: Calling, today: date) -> bool:
    heading, applies = rule.heading, rule.heading.applies
    if not isinstance(rule.check, AbandonmentLimit) or country not in applies.jurisdictions:
        return False
    in_force = heading.effective <= today and (heading.expires is None or today <= heading.expires)
    return in_force and Channel.VOICE in applies.channels and _is_for(applies, calling)


def _is_for(applies: Applies, calling: Calling) -> bool:
    dials = not applies.modes or Mode.PREDICTIVE in applies.modes
    bound = not applies.callers or calling.caller in applies.callers
    exempt = calling.caller in applies.exempt_callers
    return dials and bound and not exempt and not applies.purposes.isdisjoint(calling.purposes)
