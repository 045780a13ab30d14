"""A call log of any dialer or carrier, read row by row and put in order of time."""

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from orchestrator.domain.contact_request import Channel, Direction, Mode, PastOutcome
from orchestrator.domain.errors import UserError
from orchestrator.pipeline.audit_columns import LogField, Places
from orchestrator.pipeline.audit_log_words import channel_named, direction_named, mode_named, outcome_named
from orchestrator.pipeline.intake.cell_text import value
from orchestrator.pipeline.intake.layout import Layout
from orchestrator.pipeline.intake.moments import moment
from orchestrator.pipeline.intake.phones import parse_cell
from orchestrator.pipeline.intake.places import zone_named
from orchestrator.pipeline.intake.records import Record

NO_NUMBER, NO_MOMENT, NO_TIME_OF_DAY = "no valid number", "no moment that can be read", "no time of day"
DAY_AND_MONTH = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-]\d{2}")
HAS_OFFSET = re.compile(r"(?:[+-]\d{2}:?\d{2}|Z|UTC|GMT)$", re.IGNORECASE)
COMPACT_OFFSET = re.compile(r"\s+([+-]\d{2}):?(\d{2})$")
ZONE_WORD = re.compile(r"^(.*\d.*?)\s+\(?([A-Za-z]{2,5}|[A-Za-z]+/[A-Za-z_/]+)\)?$")
COUNTED = re.compile(r"\d{9,13}(?:\.\d+)?|\d{5}\.\d+")  # seconds or milliseconds since 1970, a spreadsheet's day
SQL_ROWS = 5000


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """One contact of the log. What the log does not say is None."""

    at: datetime
    line: int
    number: str
    channel: Channel
    direction: Direction
    mode: Mode | None
    outcome: PastOutcome | None
    campaign: str | None
    debt: str | None
    ring_seconds: int | None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that is no call that could be judged."""

    line: int
    reason: str


class LogReader:
    """Reads the rows of a log; ``country`` says how numbers and dates are written, ``zone`` which clock wrote them.

    Raises UserError for a moment without a zone where none is given: a guess would make or unmake a violation.
    """

    def __init__(self, layout: Layout, places: Places, country: str, zone: ZoneInfo | None) -> None:
        self.layout, self.places, self.country, self.zone = layout, places, country, zone
        self.date_country = country

    def survey(self) -> int:
        """How many rows there are; finds out whether days stand before months, which one row alone may tell."""
        rows, day_first, month_first = 0, False, False
        for record in self.layout.records():
            rows += 1
            match = DAY_AND_MONTH.match(self._when(record.cells))
            if match:
                day_first |= int(match[1]) > 12
                month_first |= int(match[2]) > 12
        if day_first != month_first:
            self.date_country = "US" if month_first else "GB"
        elif day_first:
            raise UserError(
                f"{self.layout.form.path.name} writes some dates with the day first and some with the month first; "
                "write them all as in 2026-11-23."
            )
        return rows

    def read(self, record: Record) -> LoggedCall | Unreadable:
        """The call in this row."""
        if record.problem is not None:
            return Unreadable(record.line, record.problem)
        direction = direction_named(self._cell(record.cells, LogField.DIRECTION))
        number = self._number(record.cells, direction)
        if number is None:
            return Unreadable(record.line, NO_NUMBER)
        at = self._at(record)
        if isinstance(at, str):
            return Unreadable(record.line, at)
        ring = self._cell(record.cells, LogField.RING_SECONDS)
        return LoggedCall(
            at=at,
            line=record.line,
            number=number,
            channel=channel_named(self._cell(record.cells, LogField.CHANNEL)) or Channel.VOICE,
            direction=direction,
            mode=mode_named(self._cell(record.cells, LogField.MODE)),
            outcome=outcome_named(self._cell(record.cells, LogField.OUTCOME)),
            campaign=self._cell(record.cells, LogField.CAMPAIGN) or None,
            debt=self._cell(record.cells, LogField.DEBT) or None,
            ring_seconds=int(ring) if ring.isdecimal() else None,
        )

    def _number(self, cells: Sequence[str], direction: Direction) -> str | None:
        inbound = direction is Direction.INBOUND and LogField.FROM in self.places
        text = self._cell(cells, LogField.FROM if inbound else LogField.NUMBER)
        return next(iter(parse_cell(text, self.country).numbers), None)

    def _cell(self, cells: Sequence[str], field: LogField) -> str:
        place = self.places.get(field)
        return value(cells[place]) if place is not None and place < len(cells) else ""

    def _when(self, cells: Sequence[str]) -> str:
        if LogField.AT in self.places:
            return self._cell(cells, LogField.AT)
        return f"{self._cell(cells, LogField.DATE)} {self._cell(cells, LogField.TIME)}".strip()

    def _at(self, record: Record) -> datetime | str:
        """The moment in UTC, or why there is none."""
        text, zone = _zone_taken_off(self._when(record.cells), self.country)
        at = moment(text, self.date_country) or _mail_date(text)
        if at is None:
            return NO_MOMENT
        if COUNTED.fullmatch(text) or HAS_OFFSET.search(text):
            return at
        if ":" not in text and not re.search(r"\d\s*[ap]\.?m", text, re.IGNORECASE):
            return NO_TIME_OF_DAY
        zone = zone or self._zone_of_row(record.cells) or self.zone
        if zone is None:
            raise UserError(
                f"Line {record.line} of {self.layout.form.path.name} says '{text}' without a zone; say which clock "
                "wrote it, as in --zone America/New_York."
            )
        return at.replace(tzinfo=zone).astimezone(UTC)

    def _zone_of_row(self, cells: Sequence[str]) -> ZoneInfo | None:
        text = self._cell(cells, LogField.ZONE)
        name = zone_named(text, self.country) if text else None
        return ZoneInfo(name) if name else None


def in_order(
    reader: LogReader, unreadable: Callable[[Unreadable], None], progress: Callable[[int], None]
) -> Iterator[LoggedCall]:
    """Every call by its moment, sorted in a scratch file that is gone afterwards: a log may be of any length."""
    with closing(sqlite3.connect("")) as scratch:
        scratch.execute("CREATE TABLE log (at, line, number, channel, direction, mode, outcome, campaign, debt, ring)")
        rows: list[tuple[object, ...]] = []
        for record in reader.layout.records():
            call = reader.read(record)
            if isinstance(call, Unreadable):
                unreadable(call)
            else:
                rows.append((call.at.timestamp(), *astuple(call)[1:]))
            if len(rows) >= SQL_ROWS:
                _store(scratch, rows)
            progress(1)
        _store(scratch, rows)
        for row in scratch.execute("SELECT * FROM log ORDER BY at, line"):
            yield _loaded(row)


def _store(scratch: sqlite3.Connection, rows: list[tuple[object, ...]]) -> None:
    scratch.executemany("INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    rows.clear()


def _loaded(
    row: tuple[float, int, str, str, str, str | None, str | None, str | None, str | None, int | None],
) -> LoggedCall:
    at, line, number, channel, direction, mode, outcome, campaign, debt, ring = row
    return LoggedCall(
        datetime.fromtimestamp(at, UTC),
        line,
        number,
        Channel(channel),
        Direction(direction),
        Mode(mode) if mode else None,
        PastOutcome(outcome) if outcome else None,
        campaign,
        debt,
        ring,
    )


def _zone_taken_off(text: str, country: str) -> tuple[str, ZoneInfo | None]:
    """The text without the zone's name behind it, and that zone; an offset behind a space is joined to the time."""
    text = COMPACT_OFFSET.sub(r"\1:\2", text)
    match = ZONE_WORD.match(text)
    if match is None or match[2].upper() in {"AM", "PM", "UTC", "GMT", "Z"}:
        return text, None
    name = zone_named(match[2], "US" if country not in {"US", "CA"} and "/" not in match[2] else country)
    return (match[1], ZoneInfo(name)) if name else (text, None)


def _mail_date(text: str) -> datetime | None:
    """A moment as carriers' exports write it: Mon, 23 Nov 2026 17:00:00 +0000."""
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
