"""The law of requests as config/rights.toml declares it: deadlines, what stays after an erasure, who receives data."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol, Self, TypeVar

from orchestrator.compliance.country import read_toml
from orchestrator.compliance.entry import HOW_VERIFIED, Entry, read_all
from orchestrator.compliance.rights_days import WorkingDays, months_after
from orchestrator.domain.errors import UserError
from orchestrator.domain.rights import Deadline, KeptClass, Right

FILE = "rights.toml"
EVERYWHERE = "*"
UNITS = ("months", "days", "working-days")
WAITS = ("identity", "clarification")
CLASSES = ("law", "policy")
TOLD = ("api", "by-hand")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where an entry comes from, and since when it holds."""

    id: str
    jurisdictions: tuple[str, ...]
    citation: str
    source: str
    effective: date
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineRule:
    """How long an answer may take in some places. ``extension`` 0: it cannot be put off."""

    ground: Ground
    rights: frozenset[Right]
    unit: str
    time: int
    extension: int
    rolls: bool
    stops_for: tuple[str, ...]
    alarms: tuple[int, ...]

    def of(self, received_on: date, place: str) -> Deadline:
        """The deadline of what came on that day, from somebody of that place."""
        return Deadline(
            rule=self.ground.id,
            received_on=received_on,
            due_on=self._end(received_on, self.time, place),
            extendable_until=self._end(received_on, self.time + self.extension, place) if self.extension else None,
            alarms=self.alarms,
        )

    def _end(self, day: date, time: int, place: str) -> date:
        working = WorkingDays(place)
        if self.unit == "working-days":
            return working.after(day, time)
        last = months_after(day, time) if self.unit == "months" else day + timedelta(days=time)
        return working.from_(last) if self.rolls else last


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRule:
    """Why and for how many years something stays after an erasure. ``years`` None: for good."""

    ground: Ground
    kept: KeptClass
    years: int | None
    why: str

    def until(self, since: date) -> date | None:
        """The last day on which it stays; None: for good."""
        return None if self.years is None else months_after(since, 12 * self.years)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Somebody who receives data: named in an access, told of what was changed or erased."""

    name: str
    role: str
    receives: str
    where: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InformRule:
    """By when people must hear of data that they did not give. ``warns``: so many days before, the day is near."""

    ground: Ground
    months: int
    warns: int

    def due_on(self, obtained_on: date) -> date:
        """The last day for whoever nobody has written to or spoken with before."""
        return months_after(obtained_on, self.months)


class _Grounded(Protocol):
    @property
    def ground(self) -> Ground: ...


Rule = TypeVar("Rule", bound=_Grounded)


@dataclass(frozen=True, slots=True)
class RightsLaw:
    """Everything that the file says."""

    deadlines: tuple[DeadlineRule, ...]
    kept: tuple[KeptRule, ...]
    recipients: tuple[Recipient, ...]
    informs: tuple[InformRule, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the file; UserError names the entry and the field that is wrong, or what no place is left without."""
        entry = Entry(FILE, read_toml(FILE, text))
        law = cls(
            read_all(entry.tables("deadline"), _read_deadline),
            read_all(entry.tables("kept"), _read_kept),
            read_all(entry.tables("recipient"), _read_recipient),
            read_all(entry.tables("inform"), _read_inform),
        )
        entry.finish()
        _require_everywhere(law)
        return law

    def deadline_rule(self, right: Right, place: str, on: date) -> DeadlineRule:
        """What binds an answer to that right there on that day: the nearest place's entry, the newest in force."""
        return _nearest((rule for rule in self.deadlines if right in rule.rights), place, on)

    def deadline_named(self, rule_id: str) -> DeadlineRule:
        """The entry of that id; UserError where the file has it no more."""
        found = next((rule for rule in self.deadlines if rule.ground.id == rule_id), None)
        if found is None:
            raise UserError(f"{FILE} has no deadline '{rule_id}' any more; put it back: requests were counted by it.")
        return found

    def kept_rule(self, kept: KeptClass, place: str, on: date) -> KeptRule:
        """Why and how long that stays of somebody of that place."""
        return _nearest((rule for rule in self.kept if rule.kept is kept), place, on)

    def informing(self, on: date) -> tuple[InformRule, ...]:
        """What binds whoever obtained people's data from somebody else by that day."""
        return tuple(rule for rule in self.informs if rule.ground.effective <= on)


def _nearest(rules: Iterable[Rule], place: str, on: date) -> Rule:
    in_force = [rule for rule in rules if rule.ground.effective <= on]
    for named in (place, place.partition("-")[0], EVERYWHERE):
        here = [rule for rule in in_force if named in rule.ground.jurisdictions]
        if here:
            return max(here, key=lambda rule: rule.ground.effective)
    raise UserError(f"{FILE} has no entry for {place} on {on}; add one with jurisdiction = ['*'].")


def _require_everywhere(law: RightsLaw) -> None:
    """Nobody may fall between the entries."""
    first = date(2000, 1, 1)
    for right in Right:
        _require(f"deadline for '{right}'", [rule.ground for rule in law.deadlines if right in rule.rights], first)
    for kept in KeptClass:
        _require(f"kept entry for '{kept}'", [rule.ground for rule in law.kept if rule.kept is kept], date.max)


def _require(what: str, grounds: Sequence[Ground], since: date) -> None:
    if not any(EVERYWHERE in ground.jurisdictions and ground.effective <= since for ground in grounds):
        raise UserError(f"{FILE}: there is no {what} with jurisdiction = ['*'], so some people would have none.")


def _read_deadline(entry: Entry) -> DeadlineRule:
    rule = DeadlineRule(
        ground=_ground(entry),
        rights=entry.members("rights", Right),
        unit=entry.one_of("unit", UNITS),
        time=entry.whole("time"),
        extension=entry.whole_or_none("extension") or 0,
        rolls=entry.flag("rolls"),
        stops_for=_words(entry, "stops_for", WAITS),
        alarms=_alarms(entry),
    )
    if not rule.rights:
        raise entry.wrong("rights", "is missing")
    return rule


def _words(entry: Entry, field: str, known: Sequence[str]) -> tuple[str, ...]:
    """Words of that vocabulary; an empty list says that there are none."""
    if not entry.has(field) or not entry.raw(field):
        return ()
    words = entry.texts(field)
    if not set(words) <= set(known):
        raise entry.wrong(field, f"may name {', '.join(known)}")
    return words


def _alarms(entry: Entry) -> tuple[int, ...]:
    days = entry.raw("alarms") if entry.has("alarms") else None
    if not isinstance(days, list) or not days or not all(type(day) is int and day > 0 for day in days):
        raise entry.wrong("alarms", "must be a list of days, as in [20, 28]")
    return tuple(sorted(days))


def _read_kept(entry: Entry) -> KeptRule:
    ground = _ground(entry)
    kept = KeptClass(entry.one_of("kept", tuple(KeptClass)))
    return KeptRule(ground=ground, kept=kept, years=entry.whole_or_none("years"), why=entry.text("why"))


def _read_inform(entry: Entry) -> InformRule:
    return InformRule(ground=_ground(entry), months=entry.whole("months"), warns=entry.whole("warns"))


def _read_recipient(entry: Entry) -> Recipient:
    named = {field: entry.text(field) for field in ("name", "role", "receives", "where")}
    return Recipient(**named, told=entry.one_of("told", TOLD))


def _ground(entry: Entry) -> Ground:
    verified = entry.table("verified")
    verified.day("on")
    verified.one_of("how", HOW_VERIFIED)
    verified.finish()
    entry.one_of("class", CLASSES)
    ground = Ground(
        id=entry.text("id"),
        jurisdictions=entry.texts("jurisdiction"),
        citation=entry.text("citation"),
        source=entry.text("source"),
        effective=entry.day("effective"),
        note=entry.text("note") if entry.has("note") else "",
    )
    if not ground.jurisdictions:
        raise entry.wrong("jurisdiction", "is missing")
    return ground
