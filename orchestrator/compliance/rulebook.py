"""The rulebook: every rule file read, checked and indexed, with a digest over all that its answers depend on."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
import tzdata  # type: ignore[import-untyped]
import zipcodes
from holidays.version import __version__ as holidays_version

from orchestrator.compliance.abandonment import AbandonmentLimit, read_abandonment
from orchestrator.compliance.calling_window import CallingWindow, read_calling_window
from orchestrator.compliance.case import Case, Moment
from orchestrator.compliance.consent_basis import (
    ConsentRequired,
    LawfulBasisNamed,
    read_consent_required,
    read_lawful_basis,
)
from orchestrator.compliance.country import read_toml
from orchestrator.compliance.entry import Entry, nearest
from orchestrator.compliance.frequency import FrequencyCap, PauseAfter, read_frequency_cap, read_pause_after
from orchestrator.compliance.holiday_calendar import HolidayCalendar, read_calendar
from orchestrator.compliance.inconvenient_time import InconvenientTimes, read_inconvenient_time
from orchestrator.compliance.jurisdiction import PlaceFinder
from orchestrator.compliance.notices import Wording, read_wording
from orchestrator.compliance.numbering import Numbering
from orchestrator.compliance.plain_duties import (
    Coverage,
    MessageContent,
    Permission,
    Prohibition,
    RegistrationHeld,
    RingTime,
    ValidNumber,
    read_coverage,
    read_message_content,
    read_permission,
    read_prohibition,
    read_registration,
    read_ring_time,
    read_valid_number,
)
from orchestrator.compliance.reassigned import (
    ReassignedChecked,
    ReassignedNumber,
    read_reassigned_checked,
    read_reassigned_number,
)
from orchestrator.compliance.registry_listing import RegistryListing, read_registry
from orchestrator.compliance.rule import EVERYWHERE, Heading, Reader, Rule, Shelf, read_heading
from orchestrator.compliance.suppression import SuppressionBinds, read_suppression
from orchestrator.domain.contact_request import LineType
from orchestrator.domain.errors import UserError

CALENDARS = "holiday_calendar"
READERS: Mapping[str, Reader] = {
    AbandonmentLimit.kind: read_abandonment,
    CallingWindow.kind: read_calling_window,
    ConsentRequired.kind: read_consent_required,
    Coverage.kind: read_coverage,
    FrequencyCap.kind: read_frequency_cap,
    InconvenientTimes.kind: read_inconvenient_time,
    LawfulBasisNamed.kind: read_lawful_basis,
    MessageContent.kind: read_message_content,
    PauseAfter.kind: read_pause_after,
    Permission.kind: read_permission,
    Prohibition.kind: read_prohibition,
    ReassignedChecked.kind: read_reassigned_checked,
    ReassignedNumber.kind: read_reassigned_number,
    RegistrationHeld.kind: read_registration,
    RegistryListing.kind: read_registry,
    RingTime.kind: read_ring_time,
    SuppressionBinds.kind: read_suppression,
    ValidNumber.kind: read_valid_number,
    Wording.kind: read_wording,
}
REMEMBERED_SELECTIONS = 50_000
REMEMBERED_RULEBOOKS = 4  # a command compares what is in force with what config/ offers, and asks for either again


@dataclass(frozen=True, slots=True)
class Selection:
    """The rules that bind one kind of attempt; by country, those whose being asked means that its law speaks of it."""

    rules: tuple[Rule, ...]
    speaking: tuple[tuple[str, tuple[Heading, ...]], ...]

    def uncovered(self, moment: Moment) -> tuple[str, ...]:
        """The countries whose law, as it is known for that moment, does not speak of such an attempt."""
        return tuple(
            country for country, headings in self.speaking if not any(heading.in_force(moment) for heading in headings)
        )


class Rulebook:
    """Every rule in force or to come, and the number plans that say where a contact may be."""

    def __init__(self, rules: tuple[Rule, ...], numbering: Numbering, digest: str) -> None:
        self.rules = rules
        self.wordings = tuple(rule for rule in rules if rule.heading.kind == Wording.kind)  # asked about words alone
        self.numbering = numbering
        self.digest = digest
        self.places = PlaceFinder(numbering)
        self._selections: dict[object, Selection] = {}

    @classmethod
    def parse(cls, files: Mapping[str, str]) -> "Rulebook":
        """The rulebook in these texts, by file name under config/ as in rules/us/federal.toml.

        The same texts are read once. UserError names the file, the entry and the field that is wrong.
        """
        return _read(tuple(sorted(files.items())), digest_of(files))

    @property
    def history_days(self) -> int:
        """How far back the history of a contact matters to any rule."""
        return max((rule.check.lookback_days for rule in self.rules), default=0)

    def covered(self, country: str) -> bool:
        """Whether any rule speaks of contact to that country; a US territory counts as the United States."""
        code = self.numbering.territories.get(country, country)
        return any(rule.check.covers and code in rule.heading.applies.jurisdictions for rule in self.rules)

    def rule(self, rule_id: str) -> Rule:
        """The rule of that id; UserError names the nearest where there is none."""
        by_id = {rule.id: rule for rule in self.rules}
        if rule_id not in by_id:
            raise UserError(f"The rulebook has no rule '{rule_id}'{nearest(rule_id, by_id)}.")
        return by_id[rule_id]

    def select(self, case: Case, line_type: LineType) -> Selection:
        """The rules that bind this attempt, whatever their dates."""
        campaign, attempt = case.request.campaign, case.request.attempt
        key = (
            case.place.jurisdictions,
            case.place.cities,
            attempt.channel,
            attempt.mode,
            campaign.purpose,
            case.sells,
            campaign.caller.kind,
            campaign.caller.country,
            campaign.product,
            campaign.codes,
            case.request.contact.subscriber,
            case.request.contact.work_number,
            line_type,
            case.message_kind,
            case.message.exemption,
        )
        found = self._selections.get(key)
        return found if found is not None else self._select_anew(key, case, line_type)

    def _select_anew(self, key: object, case: Case, line_type: LineType) -> Selection:
        asked = (rule for rule in self.rules if rule.heading.kind != Wording.kind)
        rules = tuple(rule for rule in asked if rule.heading.applies.match(case, line_type))
        speaking = tuple((country, _speaking_for(country, rules)) for country in case.place.countries)
        if len(self._selections) >= REMEMBERED_SELECTIONS:
            self._selections.clear()
        return self._selections.setdefault(key, Selection(rules, speaking))


@lru_cache(maxsize=REMEMBERED_RULEBOOKS)
def _read(files: tuple[tuple[str, str], ...], digest: str) -> Rulebook:
    numbering = Numbering.parse(dict(files))
    tables = {name: read_toml(name, text) for name, text in files if name.startswith("rules/")}
    shelf = Shelf(calendars=_calendars(tables), label=numbering.label)
    rules = tuple(rule for name, table in tables.items() for rule in _rules(name, table, shelf))
    _refuse_repeated([*(rule.id for rule in rules), *shelf.calendars])
    for rule in rules:
        _refuse_unknown(rule.id, rule.heading.applies.jurisdictions, numbering)
    for calendar in shelf.calendars.values():
        _refuse_unknown(calendar.id, {calendar.jurisdiction}, numbering)
    return Rulebook(rules, numbering, digest)


def _speaking_for(country: str, rules: tuple[Rule, ...]) -> tuple[Heading, ...]:
    return tuple(
        rule.heading
        for rule in rules
        if rule.check.covers and any(place.partition("-")[0] == country for place in rule.heading.applies.jurisdictions)
    )


def library_versions() -> dict[str, str]:
    """The versions of the tables that answers depend on beside the rules, by the library's name."""
    return {
        "holidays": holidays_version,
        "phonenumbers": phonenumbers.__version__,
        "tzdata": tzdata.__version__,
        "zipcodes": zipcodes.__version__,
    }


def digest_of(files: Mapping[str, str], versions: Mapping[str, str] | None = None) -> str:
    """SHA-256 over every file's name and text and the versions of the tables that answers depend on: those in use."""
    known = library_versions() if versions is None else versions
    parts = sorted([*files.items(), *known.items()])
    content = "".join(f"{len(name)}:{name}{len(text)}:{text}" for name, text in parts)
    return hashlib.sha256(content.encode()).hexdigest()


def _entries(name: str, table: Mapping[str, object]) -> list[tuple[str, Entry]]:
    found = []
    for kind, rows in table.items():
        if kind != CALENDARS and kind not in READERS:
            raise UserError(f"{name}: no check reads '{kind}'{nearest(kind, [*READERS, CALENDARS])}.")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise UserError(f"{name}: '{kind}' must be written as [[{kind}]].")
        found += [(kind, Entry(f"{name}, {kind} {row.get('id', at + 1)}", row)) for at, row in enumerate(rows)]
    return found


def _calendars(tables: Mapping[str, Mapping[str, object]]) -> dict[str, HolidayCalendar]:
    calendars: dict[str, HolidayCalendar] = {}
    for name, table in tables.items():
        for kind, entry in _entries(name, table):
            if kind == CALENDARS:
                calendar = read_calendar(entry, calendars)
                entry.finish()
                _refuse_repeated([calendar.id, *calendars])
                calendars[calendar.id] = calendar
    return calendars


def _rules(name: str, table: Mapping[str, object], shelf: Shelf) -> list[Rule]:
    found = []
    for kind, entry in _entries(name, table):
        if kind != CALENDARS:
            heading = read_heading(kind, entry)
            found.append(Rule(heading, READERS[kind](entry, shelf)))
            entry.finish()
    return found


def _refuse_unknown(rule_id: str, jurisdictions: Iterable[str], numbering: Numbering) -> None:
    for jurisdiction in sorted(jurisdictions):
        if jurisdiction != EVERYWHERE and jurisdiction not in numbering.jurisdictions:
            close = nearest(jurisdiction, numbering.jurisdictions)
            raise UserError(
                f"{rule_id}: '{jurisdiction}' is no jurisdiction of numbering/, so it would never bind{close}."
            )


def _refuse_repeated(ids: list[str]) -> None:
    seen: set[str] = set()
    for rule_id in ids:
        if rule_id in seen:
            raise UserError(f"The id '{rule_id}' stands twice in the rulebook; ids are unique over all files.")
        seen.add(rule_id)
