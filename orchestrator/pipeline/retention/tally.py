"""What goes and what stays, counted by class, entry and table: the lines of a preview and of a report."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from orchestrator.persistence.retention.due import GOES, Due
from orchestrator.persistence.tables.columns import Record

Heading = tuple[str, str, str, str]  # class, entry, table, why it stays


@dataclass
class Line:
    """How many rows, and when the oldest and the newest of them began."""

    rows: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None

    def add(self, rows: int, oldest: datetime, newest: datetime) -> None:
        """Count these too."""
        self.rows += rows
        self.oldest = oldest if self.oldest is None else min(self.oldest, oldest)
        self.newest = newest if self.newest is None else max(self.newest, newest)


@dataclass
class Tally:
    """All lines, in the order in which classes are treated."""

    lines: dict[Heading, Line] = field(default_factory=dict)

    def add(self, due: Due, row: Record, rows: int = 1, why: str = GOES) -> None:
        """Count a row, or a group of them with its oldest and newest."""
        rule = due.rule_of(row)
        heading = (due.holding.data_class.value, rule.id, due.holding.table.name, why)
        oldest = row.began if hasattr(row, "began") else row.oldest
        newest = row.began if hasattr(row, "began") else row.newest
        self.lines.setdefault(heading, Line()).add(rows, oldest, newest)

    def add_all(self, due: Due, rows: Iterable[Record]) -> None:
        """Count each of these."""
        for row in rows:
            self.add(due, row)

    @property
    def gone(self) -> list[dict[str, Any]]:
        """What goes, ready for JSON."""
        return [_form(heading, line) for heading, line in self.lines.items() if heading[3] == GOES]

    @property
    def stayed(self) -> list[dict[str, Any]]:
        """What is over and stays, with the reason, ready for JSON."""
        found = self.lines.items()
        return [{**_form(heading, line), "why": heading[3]} for heading, line in found if heading[3] != GOES]


def _form(heading: Heading, line: Line) -> dict[str, Any]:
    data_class, rule, table, _ = heading
    oldest, newest = line.oldest, line.newest
    return {
        "class": data_class,
        "rule": rule,
        "table": table,
        "rows": line.rows,
        "oldest": oldest.isoformat() if oldest else None,
        "newest": newest.isoformat() if newest else None,
    }
