"""Which records the law wants kept when a seller leaves, as config/closing.toml has it."""

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from orchestrator.compliance.entry import HOW_VERIFIED, Entry, read_all
from orchestrator.compliance.zone import months_after
from orchestrator.domain.errors import UserError

FILE = "config/closing.toml"
KEEPABLE = ("attempts", "consents", "suppressions")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRecords:
    """One law's records: of these tables, about numbers of these countries, as old as ``years`` and ``days``."""

    id: str
    tables: frozenset[str]
    countries: frozenset[str]
    years: int
    days: int
    why: str
    effective: date
    citation: str

    def since(self, closing_at: datetime) -> datetime:
        """The oldest moment that stays; the same day of the year, the last of its month where it has no such day."""
        return months_after(closing_at, -12 * self.years) - timedelta(days=self.days)


def read_closing_law(text: str) -> tuple[KeptRecords, ...]:
    """Read the file; raises UserError that names the entry and the field."""
    try:
        entry = Entry(FILE, tomllib.loads(text))
    except ValueError as error:
        raise UserError(f"{FILE} cannot be read as TOML: {error}.") from None
    found = read_all(entry.tables("kept"), _kept)
    entry.finish()
    return found


def _kept(entry: Entry) -> KeptRecords:
    kept = KeptRecords(
        id=entry.text("id"),
        tables=frozenset(entry.texts("tables")),
        countries=frozenset(entry.texts("countries")),
        years=entry.whole("years"),
        days=entry.whole_or_none("days") or 0,
        why=entry.text("why"),
        effective=entry.day("effective"),
        citation=entry.text("citation"),
    )
    entry.text("source")
    verified = entry.table("verified")
    verified.day("on")
    verified.one_of("how", HOW_VERIFIED)
    verified.finish()
    if not kept.countries:
        raise entry.wrong("countries", "is missing")
    if not kept.tables or not kept.tables <= set(KEEPABLE):
        raise entry.wrong("tables", f"must name some of {', '.join(KEEPABLE)}")
    return kept
