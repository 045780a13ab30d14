"""How long each class of data stays where, as config/retention.toml declares it and a seller's own file may bend it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Self

from orchestrator.compliance.country import read_toml
from orchestrator.compliance.entry import HOW_VERIFIED, Entry, read_all
from orchestrator.domain.errors import UserError
from orchestrator.domain.retention import ACTIONS, CLOCKS, Action, Clock, DataClass, Period

FILE = "retention.toml"
EVERYWHERE = "*"
FIRST_DAY = date(2018, 5, 25)  # nothing here is older
KINDS = ("law", "policy")
UNITS = {"years": 12, "months": 1}
LOOKED_BACK_ON = (DataClass.ATTEMPTS, DataClass.CONTACTS, DataClass.CONSENTS)  # what the gate reads of the past


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRule:
    """How long one class stays in some places. ``keep`` None: for good, and ``why`` says what for.

    A seller may choose any time between ``at_least`` and ``at_most``.
    """

    id: str
    data_class: DataClass
    jurisdictions: tuple[str, ...]
    clock: Clock
    action: Action
    keep: Period | None
    at_least: Period | None
    at_most: Period | None
    kind: str
    citation: str
    source: str
    effective: date
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The rules of one class on one day, by country and for everywhere else; ``longest``: where none is known."""

    here: Mapping[str, RetentionRule]
    elsewhere: RetentionRule
    longest: RetentionRule

    def of(self, country: str | None) -> RetentionRule:
        """The rule for data of somebody there."""
        return self.longest if country is None else self.here.get(country, self.elsewhere)


@dataclass(frozen=True, slots=True)
class RetentionLaw:
    """All rules, and what sellers chose within them."""

    rules: tuple[RetentionRule, ...]
    sellers: Mapping[str, Mapping[tuple[str, str], Period]] = field(default_factory=dict)  # rule id and country

    @classmethod
    def parse(cls, text: str, own: Mapping[str, str] | None = None) -> Self:
        """Read the file and the sellers' own, by their names; UserError names the entry and the field that is wrong."""
        entry = Entry(FILE, read_toml(FILE, text))
        rules = read_all(entry.tables("period"), _read_rule)
        entry.finish()
        _refuse_doubles(rules)
        _require_everywhere(rules)
        law = cls(rules)
        law = replace(law, sellers=dict(_own(law, name, said) for name, said in sorted((own or {}).items())))
        _require_answers(law)
        return law

    def terms(self, data_class: DataClass, on: date, seller_id: str | None = None) -> Terms:
        """What holds for the class on that day, as the seller chose."""
        here: dict[str, RetentionRule] = {}
        for rule in sorted(self.rules, key=lambda rule: rule.effective):
            if rule.data_class is data_class and rule.effective <= on:
                here |= {place: self._chosen(rule, place, seller_id) for place in rule.jurisdictions}
        if EVERYWHERE not in here:
            raise UserError(f"{FILE} has no period for '{data_class}' on {on}; give one with jurisdiction = ['*'].")
        elsewhere = here.pop(EVERYWHERE)
        return Terms(here=here, elsewhere=elsewhere, longest=max([elsewhere, *here.values()], key=_length))

    def _chosen(self, rule: RetentionRule, place: str, seller_id: str | None) -> RetentionRule:
        period = self.sellers.get(seller_id or "", {}).get((rule.id, place))
        return rule if period is None else replace(rule, keep=period)

    def require_history(self, days: int) -> None:
        """Raise UserError where anything the gate looks back on could go sooner than some rule looks back."""
        needed = Period(0, days + 1)  # whole days back from the moment of an attempt, which lies anywhere in its day
        for rule in self.rules:
            chosen = [own[key] for own in self.sellers.values() for key in own if key[0] == rule.id]
            for period in (rule.keep, *chosen):
                if rule.data_class in LOOKED_BACK_ON and period is not None and period.fewest_days < needed.fewest_days:
                    raise UserError(
                        f"{FILE}, '{rule.id}' lets go after {period}, and a rule in force looks {days} days back: "
                        f"keep it for {needed} at least."
                    )


def _length(rule: RetentionRule) -> tuple[bool, int]:
    return rule.keep is None, 0 if rule.keep is None else rule.keep.fewest_days


def _read_rule(entry: Entry) -> RetentionRule:
    data_class = DataClass(entry.one_of("class", tuple(DataClass)))
    action = Action(entry.one_of("action", tuple(Action)))
    verified = entry.table("verified")
    verified.day("on")
    verified.one_of("how", HOW_VERIFIED)
    verified.finish()
    rule = RetentionRule(
        id=entry.text("id"),
        data_class=data_class,
        jurisdictions=entry.texts("jurisdiction"),
        clock=Clock(entry.one_of("clock", tuple(Clock))),
        action=action,
        keep=None if action is Action.KEEP else _period(entry, "keep"),
        at_least=None if action is Action.KEEP else _period(entry, "at_least"),
        at_most=None if action is Action.KEEP else _period(entry, "at_most"),
        kind=entry.one_of("kind", KINDS),
        citation=entry.text("citation"),
        source=entry.text("source"),
        effective=entry.day("effective"),
        why=entry.text("why"),
    )
    _refuse_nonsense(entry, rule)
    return rule


def _refuse_nonsense(entry: Entry, rule: RetentionRule) -> None:
    if not rule.jurisdictions:
        raise entry.wrong("jurisdiction", "is missing")
    clocks = CLOCKS.get(rule.data_class, frozenset({Clock.CREATION}))
    if rule.clock not in clocks:
        raise entry.wrong("clock", f"of '{rule.data_class}' may be {' or '.join(sorted(clocks))}")
    action = ACTIONS.get(rule.data_class, Action.DELETE)
    if rule.action not in {action, Action.KEEP}:
        raise entry.wrong("action", f"of '{rule.data_class}' may be {action} or {Action.KEEP}")
    if rule.keep and rule.at_least and rule.at_most and not _within(rule.keep, rule):
        raise entry.wrong("keep", f"must lie between at_least ({rule.at_least}) and at_most ({rule.at_most})")


def _within(period: Period, rule: RetentionRule) -> bool:
    return (
        rule.at_least is not None
        and rule.at_most is not None
        and rule.at_least.fewest_days <= period.fewest_days <= rule.at_most.fewest_days
    )


def _period(entry: Entry, name: str) -> Period:
    table = entry.table(name)
    if len(table.fields) != 1 or table.fields[0] not in {*UNITS, "days"}:
        raise entry.wrong(name, "must be years, months or days, as in { years = 5 }")
    unit = table.fields[0]
    count = table.whole(unit)
    return Period(0, count) if unit == "days" else Period(UNITS[unit] * count)


def _refuse_doubles(rules: Sequence[RetentionRule]) -> None:
    """One id once, and one answer for a class in a place since a day."""
    _once([rule.id for rule in rules], "the id '{}' is given twice")
    answers = [f"{rule.data_class} in {place} since {rule.effective}" for rule in rules for place in rule.jurisdictions]
    _once(answers, "there are two periods for {}")


def _once(words: Iterable[str], sentence: str) -> None:
    seen: set[str] = set()
    for word in words:
        if word in seen:
            raise UserError(f"{FILE}: {sentence.format(word)}; leave one of them.")
        seen.add(word)


def _require_everywhere(rules: Sequence[RetentionRule]) -> None:
    """No class and nobody's data may fall between the entries, today or on an earlier day that is looked at."""
    for data_class in DataClass:
        named = [rule for rule in rules if rule.data_class is data_class and EVERYWHERE in rule.jurisdictions]
        if not any(rule.effective <= FIRST_DAY for rule in named):
            raise UserError(
                f"{FILE}: there is no period for '{data_class}' with jurisdiction = ['*'] in effect on {FIRST_DAY}."
            )


def _require_answers(law: RetentionLaw) -> None:
    """Why a call was made must be there for as long as the call."""
    for seller_id in (None, *law.sellers):
        calls, answers = (law.terms(one, date.max, seller_id) for one in (DataClass.ATTEMPTS, DataClass.DECISIONS))
        for place in (EVERYWHERE, *calls.here, *answers.here):
            if _length(answers.of(place)) < _length(calls.of(place)):
                rule = answers.of(place)
                raise UserError(
                    f"{FILE}: '{rule.id}' keeps decisions for {rule.keep}, and calls of {place} stay for "
                    f"{calls.of(place).keep}{f' at {seller_id}' if seller_id else ''}: keep decisions as long."
                )


def _own(law: RetentionLaw, name: str, text: str) -> tuple[str, Mapping[tuple[str, str], Period]]:
    """What a seller chose: the seller's id, and a period by rule and place."""
    entry = Entry(name, read_toml(name, text))
    seller_id = entry.text("seller")
    chosen: dict[tuple[str, str], Period] = {}
    for choices in read_all(entry.tables("period"), lambda one: _choices(law, one)):
        chosen |= choices
    entry.finish()
    return seller_id, chosen


def _choices(law: RetentionLaw, entry: Entry) -> Mapping[tuple[str, str], Period]:
    data_class = DataClass(entry.one_of("class", tuple(DataClass)))
    keep, places = _period(entry, "keep"), entry.texts("jurisdiction")
    entry.text("why")
    found = [rule for rule in law.rules if rule.data_class is data_class]
    chosen = {(rule.id, place): rule for rule in found for place in rule.jurisdictions if place in places}
    missing = [place for place in places if place not in {place for _, place in chosen}]
    if not places or missing:
        raise entry.wrong("jurisdiction", f"must name places that {FILE} names for '{data_class}'")
    for rule in chosen.values():
        _refuse_beyond(entry, rule, keep)
    return dict.fromkeys(chosen, keep)


def _refuse_beyond(entry: Entry, rule: RetentionRule, keep: Period) -> None:
    if rule.keep is None:
        raise entry.wrong("class", f"'{rule.data_class}' is kept for good by '{rule.id}': {rule.why}")
    if not _within(keep, rule):
        raise entry.wrong("keep", f"'{rule.id}' ({rule.citation}) allows {rule.at_least} to {rule.at_most}")
