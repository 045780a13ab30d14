"""A calendar month on the clock of one zone, and a section of a report about it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from orchestrator.domain.errors import UserError

WRITTEN = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, slots=True)
class Month:
    """From its first moment there until before the first of the next, in UTC. ``zone`` is the IANA name."""

    first: date
    zone: str
    begins: datetime
    ends: datetime

    @classmethod
    def read(cls, text: str, where: ZoneInfo) -> Self:
        """Read 2026-11; raises UserError with the form to use."""
        written = WRITTEN.fullmatch(text.strip())
        if written is None or not 1 <= int(written[2]) <= 12 or not 1970 <= int(written[1]) < 9999:
            raise UserError(f"--month: '{text}' is no month; write it as in 2026-11.")
        first = date(int(written[1]), int(written[2]), 1)
        return cls(first, str(where), _midnight(first, where), _midnight(_following(first), where))

    @property
    def following(self) -> date:
        """The first day of the next month."""
        return _following(self.first)

    @property
    def name(self) -> str:
        """As in 2026-11."""
        return f"{self.first:%Y-%m}"


def _following(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def _midnight(day: date, where: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), where).astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One table of the report. ``name`` is that of its file; ``how`` says how it was counted."""

    name: str
    title: str
    how: str
    header: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    empty: str = "Nothing of this kind is on record for the month."

    def forms(self) -> list[dict[str, Any]]:
        """The rows as plain JSON."""
        return [{name: _plain(cell) for name, cell in zip(self.header, row, strict=True)} for row in self.rows]


def _plain(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return cell.isoformat().replace("+00:00", "Z")
    return cell.isoformat() if isinstance(cell, date) else cell


def percentile(values: Sequence[float], percent: int) -> float | None:
    """The nearest rank: the smallest value that so many percent do not exceed; None of nothing."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)] if ordered else None
