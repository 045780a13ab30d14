"""What changes in the law between two dates: rules that begin, end or give way to another, and the holidays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from orchestrator.compliance.rule import Rule

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Replaced:
    """A rule that ends and the one that takes its place the day after."""

    ends: Rule
    begins: Rule


@dataclass(frozen=True, slots=True)
class Holiday:
    """One day of a calendar that some rule's hours go by."""

    on: date
    name: str
    calendar: str


@dataclass(frozen=True, slots=True)
class Between:
    """The changes after the first date up to the last. A rule that gives way to another is in ``replaced`` alone."""

    begins: tuple[Rule, ...]
    ends: tuple[Rule, ...]
    replaced: tuple[Replaced, ...]
    holidays: tuple[Holiday, ...]


def between(rules: Sequence[Rule], first: date, last: date) -> Between:
    """What is otherwise on ``last`` than on ``first``, and the holidays after the first up to the last."""
    begun = [rule for rule in rules if first < rule.heading.effective <= last]
    ended = [rule for rule in rules if rule.heading.expires is not None and first <= rule.heading.expires < last]
    pairs = [Replaced(old, new) for old in ended for new in begun if _takes_the_place(old, new)]
    gone, come = {pair.ends.id for pair in pairs}, {pair.begins.id for pair in pairs}
    return Between(
        begins=tuple(sorted((rule for rule in begun if rule.id not in come), key=_by_beginning)),
        ends=tuple(sorted((rule for rule in ended if rule.id not in gone), key=_by_end)),
        replaced=tuple(sorted(pairs, key=lambda pair: _by_beginning(pair.begins))),
        holidays=holidays_between(rules, first, last),
    )


def _by_beginning(rule: Rule) -> tuple[date, str]:
    return rule.heading.effective, rule.id


def _by_end(rule: Rule) -> tuple[date, str]:
    return rule.heading.expires or date.max, rule.id


def _takes_the_place(old: Rule, new: Rule) -> bool:
    """Whether the new one begins the day after, is of the same kind, and binds some of the same contact."""
    expires = old.heading.expires
    if expires is None or new.heading.effective != expires + ONE_DAY or old.heading.kind != new.heading.kind:
        return False
    was, will_be = old.heading.applies, new.heading.applies
    same_place = bool(was.jurisdictions & will_be.jurisdictions)
    return same_place and bool(was.channels & will_be.channels) and bool(was.purposes & will_be.purposes)


def holidays_between(rules: Sequence[Rule], first: date, last: date) -> tuple[Holiday, ...]:
    """Every holiday of the calendars that some rule goes by, by date."""
    calendars = {calendar.id: calendar for rule in rules for calendar in getattr(rule.check, "calendars", ())}
    days = [first + timedelta(days=ahead) for ahead in range(1, (last - first).days + 1)]
    found = [
        Holiday(day, name, calendar_id)
        for calendar_id, calendar in calendars.items()
        for day in days
        if (name := calendar.name(day))
    ]
    return tuple(sorted(found, key=lambda holiday: (holiday.on, holiday.calendar)))
