"""The contact list that a log is held against: what it says of each number, and what it leaves open."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from orchestrator.domain.contact_request import (
    ConsentChannel,
    ConsentFacts,
    ConsentSource,
    LineType,
    SuppressionFacts,
    SuppressionKind,
)
from orchestrator.pipeline.intake.columns import Column
from orchestrator.pipeline.intake.consent_cells import ConsentClaim
from orchestrator.pipeline.intake.entry import Entry, EntryReader
from orchestrator.pipeline.intake.header_words import Field
from orchestrator.pipeline.intake.headers import tokens
from orchestrator.pipeline.intake.layout import Layout
from orchestrator.pipeline.intake.moments import moment

LINE_TYPE_HEADERS = frozenset({"line type", "phone type", "number type", "linetype", "carrier type", "type of line"})
LINE_TYPE_WORDS: tuple[tuple[tuple[str, ...], LineType], ...] = (
    (("landline", "land line", "fixed", "wireline", "home"), LineType.LANDLINE),
    (("mobile", "cell", "wireless"), LineType.MOBILE),
    (("voip", "nonfixed", "non fixed"), LineType.VOIP),
    (("toll free", "tollfree", "toll_free"), LineType.TOLL_FREE),
)


@dataclass(slots=True)
class Person:
    """One record of the list. ``consent_is_known``: the list would tell of a consent, so that none means none."""

    key: str
    country: str | None = None
    region: str | None = None
    postal_code: str | None = None
    time_zone: str | None = None
    line_types: dict[str, LineType] = field(default_factory=dict)
    consents: tuple[ConsentFacts, ...] = ()
    suppressions: tuple[SuppressionFacts, ...] = ()
    consent_is_known: bool = False
    undated_no: bool = False


class People:
    """Everybody on the list, by number."""

    def __init__(self) -> None:
        self._by_number: dict[str, Person] = {}
        self.records = 0
        self.undated_noes = 0

    def __len__(self) -> int:
        """How many numbers the list holds."""
        return len(self._by_number)

    def find(self, number: str) -> Person | None:
        """Whose number it is, None where the list does not hold it."""
        return self._by_number.get(number)

    def add(self, person: Person, numbers: Sequence[str]) -> None:
        """Take a record in; a number that came before keeps its person, who hears of the new consents and noes."""
        self.records += 1
        self.undated_noes += person.undated_no
        for number in numbers:
            known = self._by_number.setdefault(number, person)
            if known is not person:
                known.consents += person.consents
                known.suppressions += person.suppressions
                known.consent_is_known |= person.consent_is_known
                known.line_types |= person.line_types


class ListReader:
    """Reads a contact list as an import would, and the line types beside its numbers."""

    def __init__(self, layout: Layout, country: str, now: datetime) -> None:
        self.layout, self.country, self.now = layout, country, now
        self._entries = EntryReader(layout, country, lambda _country: True)
        self._line_types = [c for c in layout.columns if " ".join(tokens(c.title)) in LINE_TYPE_HEADERS]
        self._refusals = [c for c in layout.columns if c.field is Field.DO_NOT_CALL or _dates_a_no(c)]
        self._has_consents = any(c.field in {Field.CONSENT, Field.CONSENT_AT} for c in layout.columns)

    def read(self) -> Iterator[People]:
        """The people as they grow, once a record, so that progress can be shown; the last is the whole list."""
        people = People()
        yield people
        for record in self.layout.records():
            entry = self._entries.read(record, self.now)
            if entry.numbers:
                people.add(self._person(entry), entry.numbers)
            yield people

    def _person(self, entry: Entry) -> Person:
        noes = self._noes(entry)
        proven = [claim for claim in entry.consents if claim.given_at is not None]
        return Person(
            key=entry.numbers[0],
            country=entry.country or None,
            region=entry.region,
            postal_code=entry.profile.get("postal_code"),
            time_zone=entry.time_zone,
            line_types=self._types(entry),
            consents=tuple(_consent(claim) for claim in proven),
            suppressions=noes,
            # A consent that is claimed without its day may be there or not.
            consent_is_known=self._has_consents and len(proven) == len(entry.consents),
            undated_no=any(no.at is None for no in noes),
        )

    def _types(self, entry: Entry) -> dict[str, LineType]:
        if not self._line_types:
            return {}
        cells = [entry.cells[c.position] if c.position < len(entry.cells) else "" for c in self._line_types]
        kinds = [line_type_named(cell) for cell in cells]
        if len(kinds) < len(entry.numbers):
            kinds += [kinds[0]] * (len(entry.numbers) - len(kinds))
        return dict(zip(entry.numbers, kinds, strict=False))

    def _noes(self, entry: Entry) -> tuple[SuppressionFacts, ...]:
        if entry.refusal is None:
            return ()
        said_at = (self._date(entry, column) for column in self._refusals)
        at = min((day for day in said_at if day is not None), default=None)
        channel = ConsentChannel(entry.refusal)
        return (SuppressionFacts(kind=SuppressionKind.DO_NOT_CALL, channel=channel, at=at),)

    def _date(self, entry: Entry, column: Column) -> datetime | None:
        cell = entry.cells[column.position].strip() if column.position < len(entry.cells) else ""
        return moment(cell, self.country) if len(cell) > 5 and cell[:1].isdigit() else None


def line_type_named(cell: str) -> LineType:
    """What a cell calls the line; unknown where it says nothing clear."""
    word = " ".join(tokens(cell))
    return next((kind for names, kind in LINE_TYPE_WORDS if any(name in word for name in names)), LineType.UNKNOWN)


def _dates_a_no(column: Column) -> bool:
    words = set(tokens(column.title))
    says_no = bool(words & {"dnc", "optout", "unsubscribed", "unsubscribe", "suppressed"}) or {"opt", "out"} <= words
    return says_no and bool(words & {"date", "at", "on", "since", "time"})


def _consent(claim: ConsentClaim) -> ConsentFacts:
    assert claim.given_at is not None, "a claim without its day"  # noqa: S101
    return ConsentFacts(
        channel=claim.channel,
        level=claim.level,
        given_at=claim.given_at,
        automated=claim.automated,
        expires_at=claim.expires_at,
        states_period=claim.expires_at is not None,
        evidence=claim.evidence is not None,
        source=claim.source,
        to_caller=claim.source is not ConsentSource.PURCHASED_LIST,
    )
