"""What every rule has: whom it binds, how binding it is, where it is written, since when, and what it may say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Protocol

from orchestrator.compliance.case import Case, Moment
from orchestrator.compliance.condition import Condition, read_conditions
from orchestrator.compliance.entry import HOW_VERIFIED, Entry
from orchestrator.compliance.holiday_calendar import HolidayCalendar
from orchestrator.domain.contact_request import (
    CallerKind,
    Channel,
    Exemption,
    LineType,
    MessageKind,
    Mode,
    Product,
    Purpose,
    Subscriber,
)
from orchestrator.domain.decision import Cure, RuleClass, Verdict

EVERYWHERE = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a rule says at one moment; a hold carries the first moment at which this rule alone would allow."""

    verdict: Verdict
    because: str = ""
    until: datetime | None = None
    cure: Cure = Cure.NONE
    cure_detail: str = ""


ALLOWED = Finding(verdict=Verdict.ALLOW)


def refusal(because: str, cure: Cure, detail: str = "") -> Finding:
    """Not lawful until the fact changes that ``cure`` names."""
    return Finding(verdict=Verdict.REFUSE, because=because, cure=cure, cure_detail=detail)


def hold(until: datetime, because: str) -> Finding:
    """Lawful later, by the mere passing of time."""
    return Finding(verdict=Verdict.HOLD, because=because, until=until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Applies:
    """Whom a rule binds; an empty set binds all."""

    jurisdictions: frozenset[str]
    channels: frozenset[Channel]
    purposes: frozenset[Purpose]
    modes: frozenset[Mode]
    callers: frozenset[CallerKind]
    exempt_callers: frozenset[CallerKind]
    caller_countries: frozenset[str]  # where those callers are from; one that says nothing is taken as from there
    subscribers: frozenset[Subscriber]
    line_types: frozenset[LineType]
    products: frozenset[Product]
    codes: frozenset[str]
    exemptions: frozenset[Exemption]
    message_kinds: frozenset[MessageKind]
    work_number: bool | None

    @classmethod
    def read(cls, entry: Entry) -> "Applies":
        """Read the ``applies`` table; jurisdiction, channel and purpose must be written out."""
        table = entry.table("applies")
        for field in ("jurisdiction", "channel", "purpose"):
            table.texts(field) or table.text(field)
        applies = cls(
            jurisdictions=frozenset(table.texts("jurisdiction")),
            channels=table.members("channel", Channel),
            purposes=frozenset(Purpose) if table.texts("purpose") == ("any",) else table.members("purpose", Purpose),
            modes=table.members("mode", Mode),
            callers=table.members("caller", CallerKind),
            exempt_callers=table.members("not_caller", CallerKind),
            caller_countries=frozenset(table.texts("caller_country")),
            subscribers=table.members("subscriber", Subscriber),
            line_types=table.members("line_type", LineType),
            products=table.members("product", Product),
            codes=frozenset(table.texts("code")),
            exemptions=table.members("exemption", Exemption),
            message_kinds=table.members("message", MessageKind),
            work_number=table.flag("work_number") if table.has("work_number") else None,
        )
        table.finish()
        if applies.callers & applies.exempt_callers:
            raise table.wrong("not_caller", "names whom caller names too")
        return applies

    def match(self, case: Case, line_type: LineType) -> bool:
        """Whether the rule binds this attempt on a line of that type."""
        return self._place_and_purpose(case) and self._who(case, line_type) and self._what(case)

    def _place_and_purpose(self, case: Case) -> bool:
        here = EVERYWHERE in self.jurisdictions or case.place.is_in_any(self.jurisdictions)
        return here and case.channel in self.channels and not self.purposes.isdisjoint(case.purposes)

    def _who(self, case: Case, line_type: LineType) -> bool:
        caller = case.request.campaign.caller
        native = not self.caller_countries or caller.country is None or caller.country in self.caller_countries
        bound = (not self.callers or (native and caller.kind in self.callers)) and not (
            native and caller.kind in self.exempt_callers
        )
        contact = case.request.contact
        called = not self.subscribers or contact.subscriber in self.subscribers
        there = self.work_number is None or self.work_number is contact.work_number
        return bound and called and there and (not self.line_types or line_type in self.line_types)

    def _what(self, case: Case) -> bool:
        campaign = case.request.campaign
        mode = not self.modes or case.channel is not Channel.VOICE or not self.modes.isdisjoint(case.modes)
        product = not self.products or campaign.product in self.products
        code = not self.codes or not self.codes.isdisjoint(campaign.codes)
        exemption = not self.exemptions or case.message.exemption in self.exemptions
        return mode and product and code and exemption and self._message(case)

    def _message(self, case: Case) -> bool:
        return not self.message_kinds or case.channel is not Channel.SMS or case.message_kind in self.message_kinds


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """The part of an entry that every kind of rule shares."""

    id: str
    kind: str
    applies: Applies
    rule_class: RuleClass
    citation: str
    source: str
    effective: date
    expires: date | None
    verified_on: date
    verified_how: str
    note: str
    unless: tuple[Condition, ...]

    def in_force(self, moment: Moment) -> bool:
        """Whether the rule binds on the date that any clock in question shows."""
        return self.effective <= moment.last_date and (self.expires is None or moment.first_date <= self.expires)


def read_heading(kind: str, entry: Entry) -> Heading:
    """Read what every entry must say; UserError names the field that is missing."""
    verified = entry.table("verified")
    heading = Heading(
        id=entry.text("id"),
        kind=kind,
        applies=Applies.read(entry),
        rule_class=RuleClass(entry.one_of("class", tuple(RuleClass))),
        citation=entry.text("citation"),
        source=entry.text("source"),
        effective=entry.day("effective"),
        expires=entry.day_or_none("expires"),
        verified_on=verified.day("on"),
        verified_how=verified.one_of("how", HOW_VERIFIED),
        note=entry.text("note") if entry.has("note") else "",
        unless=read_conditions(entry, "unless"),
    )
    verified.finish()
    if heading.expires is not None and heading.expires < heading.effective:
        raise entry.wrong("expires", "lies before effective, so the rule would never bind")
    return heading


class Check(Protocol):
    """One kind of check over one entry's content."""

    kind: ClassVar[str]
    covers: ClassVar[bool]  # whether its being asked means that the law speaks of such contact

    @property
    def lookback_days(self) -> int:
        """How far back the check reads the history."""

    def judge(self, case: Case, moment: Moment, heading: Heading, /) -> Finding:
        """What the rule says of this attempt at this moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What an entry may refer to: other entries, and the names of places for people."""

    calendars: Mapping[str, HolidayCalendar]
    label: Callable[[str], str]


Reader = Callable[[Entry, Shelf], Check]


@dataclass(frozen=True, slots=True)
class Rule:
    """An entry of the rulebook: whom it binds, and the check that it makes."""

    heading: Heading
    check: Check

    @property
    def id(self) -> str:
        """Its id in config/."""
        return self.heading.id

    def say(self, case: Case, moment: Moment) -> Finding:
        """What the rule says at this moment; an exception that is met lets the attempt pass."""
        for condition in self.heading.unless:
            if condition.met(case, moment.at):
                return ALLOWED
        return self.check.judge(case, moment, self.heading)
