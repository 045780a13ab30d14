"""Whom the law wants told of a breach, and by when, as config/breach.toml has it."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Self

from orchestrator.compliance.entry import HOW_VERIFIED, Entry, read_all
from orchestrator.domain.errors import UserError

FILE = "config/breach.toml"


class Whom(StrEnum):
    """Who must be told."""

    AUTHORITY = "authority"
    PEOPLE = "people"
    CONTROLLER = "controller"


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One law's duty to tell. ``hours`` None: without undue delay. ``unless``: when nobody need be told, else empty."""

    id: str
    whom: Whom
    jurisdictions: frozenset[str]
    hours: int | None
    unless: str
    effective: date
    citation: str
    source: str
    verified: str

    def due_at(self, aware_at: datetime) -> datetime | None:
        """When the time is up; None where the law gives no hours."""
        return None if self.hours is None else aware_at + timedelta(hours=self.hours)


@dataclass(frozen=True, slots=True)
class BreachLaw:
    """Every duty, and after which hours somebody is reminded."""

    duties: tuple[Duty, ...]
    reminder_hours: tuple[int, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the file; raises UserError that names the entry and the field."""
        try:
            entry = Entry(FILE, tomllib.loads(text))
        except ValueError as error:
            raise UserError(f"{FILE} cannot be read as TOML: {error}.") from None
        duties = read_all(entry.tables("duty"), _duty)
        reminders = read_all([entry.table("reminders")], lambda table: table.wholes("hours"))
        entry.finish()
        if len({duty.id for duty in duties}) < len(duties):
            raise UserError(f"{FILE}: two duties have one id; give each its own.")
        return cls(duties, reminders[0])

    def duties_in(self, jurisdictions: Iterable[str], on: date, *, as_processor: bool) -> tuple[Duty, ...]:
        """What binds in any of these countries on that day.

        A processor tells the controller, who tells authority and people: all are drafted, so none is left out.
        """
        here = frozenset(jurisdictions)
        found = (duty for duty in self.duties if duty.effective <= on and duty.jurisdictions & here)
        return tuple(duty for duty in found if as_processor or duty.whom is not Whom.CONTROLLER)

    def uncovered(self, jurisdictions: Iterable[str]) -> tuple[str, ...]:
        """Countries for which no deadline is on file: somebody who knows their law must be asked."""
        known = {place for duty in self.duties if duty.whom is Whom.AUTHORITY for place in duty.jurisdictions}
        return tuple(sorted(set(jurisdictions) - known))

    def reminded(self, aware_at: datetime, now: datetime) -> int | None:
        """The last reminder that has struck, in hours since becoming aware; None before the first."""
        struck = [hours for hours in self.reminder_hours if now >= aware_at + timedelta(hours=hours)]
        return max(struck, default=None)


def _duty(entry: Entry) -> Duty:
    duty = Duty(
        id=entry.text("id"),
        whom=Whom(entry.one_of("whom", tuple(Whom))),
        jurisdictions=frozenset(entry.texts("jurisdictions")),
        hours=entry.whole_or_none("hours"),
        unless=entry.text("unless") if entry.has("unless") else "",
        effective=entry.day("effective"),
        citation=entry.text("citation"),
        source=entry.text("source"),
        verified=_verified(entry.table("verified")),
    )
    if not duty.jurisdictions:
        raise entry.wrong("jurisdictions", "is missing")
    return duty


def _verified(entry: Entry) -> str:
    entry.day("on")
    how = entry.one_of("how", HOW_VERIFIED)
    entry.finish()
    return how
