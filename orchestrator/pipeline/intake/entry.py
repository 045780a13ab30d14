"""What one record says, before anybody asks who is here already."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from orchestrator.domain.card_numbers import cards_in
from orchestrator.domain.contact_request import ConsentChannel, Purpose
from orchestrator.pipeline.intake.cell_text import folded, tidy, words
from orchestrator.pipeline.intake.columns import Column
from orchestrator.pipeline.intake.consent_cells import ConsentClaim, WishReader
from orchestrator.pipeline.intake.header_words import Field
from orchestrator.pipeline.intake.layout import Layout
from orchestrator.pipeline.intake.phones import NO_COUNTRY, CellReading, parse_cell
from orchestrator.pipeline.intake.places import country_named, language_named, postal_code, region_named, zone_named
from orchestrator.pipeline.intake.records import Record
from orchestrator.pipeline.intake.verdicts import Verdict

KEPT_AS_WRITTEN = (Field.NAME, Field.FIRST_NAME, Field.LAST_NAME, Field.ADDRESS, Field.CITY)
READ_PLACES = (Field.REGION, Field.POSTAL_CODE, Field.TIME_ZONE, Field.LANGUAGE)
TITLES = words("mr mrs ms miss mx dr prof m mme mlle herr frau sr sra srta don dona")
DIGITS = re.compile(r"\d{4,}")
NO_NUMBER_GIVEN = "no number given"
CARD = "holds the number of a payment card, which is left out"


@dataclass(frozen=True, slots=True)
class Point:
    """A number to reach the person on, its country, and what the list called it."""

    number: str
    country: str
    label: str


@dataclass(slots=True)
class Entry:
    """A record as read: ``verdict`` is set where reading alone decides. ``points`` are the numbers we may keep."""

    line: int
    cells: Sequence[str]
    verdict: Verdict | None = None
    notes: list[str] = field(default_factory=list)
    numbers: tuple[str, ...] = ()
    points: tuple[Point, ...] = ()
    profile: dict[str, str] = field(default_factory=dict)
    country: str = ""
    region: str | None = None
    time_zone: str | None = None
    language: str | None = None
    consents: tuple[ConsentClaim, ...] = ()
    refusal: ConsentChannel | None = None

    @property
    def external_id(self) -> str | None:
        """The seller's own id for the person."""
        return self.profile.get("external_id")

    @property
    def reason(self) -> str:
        """What was left out and why, in words without a number."""
        return "; ".join(dict.fromkeys(self.notes)) if self.notes else ""

    def reject(self, verdict: Verdict, *notes: str) -> "Entry":
        """This entry with the verdict that reading alone gives it."""
        self.verdict = verdict
        self.notes.extend(notes)
        return self


class EntryReader:
    """Reads the records of one layout; ``country`` is where numbers without their code are read, ``purpose`` what
    consents are for that do not say."""

    def __init__(
        self, layout: Layout, country: str, covered: Callable[[str], bool], purpose: Purpose | None = None
    ) -> None:
        self.width, self.country, self.covered = layout.width, country, covered
        self.titles = {column.position: DIGITS.sub("…", column.title)[:40] for column in layout.columns}
        self.columns = {name: [column for column in layout.columns if column.field is name] for name in Field}
        self.wishes = WishReader(layout.columns, purpose)
        self.texts = [(name, self.columns[name]) for name in KEPT_AS_WRITTEN if self.columns[name]]
        self.places = [(name, self.columns[name]) for name in READ_PLACES if self.columns[name]]

    def read(self, record: Record, now: datetime) -> Entry:
        """What the record says, with a verdict where that alone decides."""
        entry = Entry(record.line, record.cells)
        if record.problem is not None:
            return entry.reject(Verdict.MALFORMED, record.problem)
        if len(record.cells) > self.width and any(map(str.strip, record.cells[self.width :])):
            return entry.reject(Verdict.MALFORMED, self._shape(record))
        stated = self._stated_country(entry)
        readings = self._numbers(entry, stated)
        if not entry.numbers:
            self._refusal_alone(entry, stated, now)
            return self._without_number(entry, record, readings)
        self._details(entry, stated, now)
        return self._within_coverage(entry, readings, stated)

    def _stated_country(self, entry: Entry) -> str | None:
        """The record's own country, the import's where it states none, and None where it cannot be read."""
        text = self._first(Field.COUNTRY, entry.cells)
        if not text:
            return self.country
        country = country_named(text)
        if country is None:
            entry.notes.append(f"{self.titles[self.columns[Field.COUNTRY][0].position]}: country not understood")
        return country

    def _numbers(self, entry: Entry, country: str | None) -> list[tuple[Column, CellReading]]:
        readings = []
        for column in self.columns[Field.PHONE]:
            if column.position < len(entry.cells) and (cell := entry.cells[column.position]):
                reading = parse_cell(cell.strip(), country)
                readings.append((column, reading))
                entry.notes.extend(f"{self.titles[column.position]}: {problem}" for problem in reading.problems)
        if len(readings) == 1:
            entry.numbers = readings[0][1].numbers
        else:
            entry.numbers = tuple(dict.fromkeys(number for _, reading in readings for number in reading.numbers))
        return readings

    def _refusal_alone(self, entry: Entry, stated: str | None, now: datetime) -> None:
        """A no needs no number where the seller's own id says whose it is."""
        entry.refusal = self.wishes.read(entry.cells, stated or self.country, now).refusal
        if entry.refusal is not None:
            self._own_id(entry)

    def _without_number(self, entry: Entry, record: Record, readings: list[tuple[Column, CellReading]]) -> Entry:
        if any(reading.malformed for _, reading in readings):
            return entry.reject(Verdict.MALFORMED)
        told = any(reading.problems for _, reading in readings)
        if len(record.cells) < self.width and (told or not readings):
            return entry.reject(Verdict.MALFORMED, self._shape(record))
        if any(NO_COUNTRY in reading.problems for _, reading in readings):
            return entry.reject(Verdict.NO_JURISDICTION)
        return entry.reject(Verdict.INVALID_NUMBER, *([] if told else [NO_NUMBER_GIVEN]))

    def _shape(self, record: Record) -> str:
        return f"{len(record.cells)} cells where the list has {self.width} columns"

    def _within_coverage(self, entry: Entry, readings: list[tuple[Column, CellReading]], stated: str | None) -> Entry:
        points: dict[str, Point] = {}
        for column, reading in readings:
            for number, country in zip(reading.numbers, reading.countries, strict=True):
                if number not in points:
                    points[number] = Point(number, country, column.label)
        entry.points = tuple([point for point in points.values() if self.covered(point.country)])
        if len(entry.points) < len(points):
            missing = {point.country or "no country" for point in points.values() if not self.covered(point.country)}
            entry.notes.extend(f"a number of {country}, which no rule covers" for country in sorted(missing))
        lives_in = stated if self.columns[Field.COUNTRY] and self._first(Field.COUNTRY, entry.cells) else None
        if lives_in is not None and not self.covered(lives_in):
            return entry.reject(Verdict.NO_JURISDICTION, f"{lives_in} is a country that no rule covers")
        if not entry.points:
            return entry.reject(Verdict.NO_JURISDICTION)
        entry.country = lives_in or entry.points[0].country
        return entry

    def _details(self, entry: Entry, stated: str | None, now: datetime) -> None:
        cells, country = entry.cells, stated or self.country
        for name, columns in self.texts:
            text = self._first(name, cells) if name is not Field.ADDRESS else _every(columns, cells)
            if text and cards_in(text):
                entry.notes.append(f"{self.titles[columns[0].position]}: {CARD}")
            elif text:
                entry.profile[name.value] = text
        for name, columns in self.places:
            if text := self._first(name, cells):
                self._place(entry, name, columns[0], text, country)
        self._own_id(entry)
        wishes = self.wishes.read(cells, country, now)
        entry.consents, entry.refusal = wishes.claims, wishes.refusal
        entry.notes.extend(wishes.notes)

    def _own_id(self, entry: Entry) -> None:
        if external_id := self._first(Field.EXTERNAL_ID, entry.cells):
            entry.profile["external_id"] = external_id.removesuffix(".0") if external_id[:1].isdigit() else external_id

    def _place(self, entry: Entry, name: Field, column: Column, text: str, country: str) -> None:
        read = _read_place(name, text, country)
        if read is None:
            if name is not Field.REGION or country in {"US", "CA", "AU", "GB"}:
                entry.notes.append(f"{self.titles[column.position]}: {name.value.replace('_', ' ')} not understood")
            return
        if name is Field.POSTAL_CODE:
            entry.profile["postal_code"] = read
        else:
            setattr(entry, name.value, read)

    def _first(self, name: Field, cells: Sequence[str]) -> str:
        for column in self.columns[name]:
            if text := _cell(column, cells):
                return text
        return ""


def name_key(profile: dict[str, str]) -> str:
    """The person's name for comparing: its words in any order, without titles and accents; empty without a name."""
    name = profile.get("name") or f"{profile.get('first_name', '')} {profile.get('last_name', '')}"
    return " ".join(sorted(word for word in folded(name).split() if word not in TITLES))


def _every(columns: Sequence[Column], cells: Sequence[str]) -> str:
    return ", ".join(text for column in columns if (text := _cell(column, cells)))


def _cell(column: Column, cells: Sequence[str]) -> str:
    return tidy(cells[column.position]) if column.position < len(cells) else ""


def _read_place(name: Field, text: str, country: str) -> str | None:
    if name is Field.REGION:
        return region_named(text, country)
    if name is Field.POSTAL_CODE:
        return postal_code(text, country)
    return zone_named(text, country) if name is Field.TIME_ZONE else language_named(text)
