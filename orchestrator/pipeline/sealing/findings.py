"""What a verification found, in values: bad entries, removals by right, and what is not sealed yet."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

FINDINGS_KEPT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that must not be. ``position`` None: of the log as a whole, or of a row that has no entry."""

    log: str
    wrong: str
    position: int | None = None
    relation: str | None = None
    row_id: str | None = None


@dataclass(frozen=True, slots=True)
class GoodHead:
    """A head under which everything was as it had been sealed."""

    size: int
    root: bytes
    at: datetime


@dataclass(slots=True)
class LogReport:
    """What became of one log. ``good``: the last head before the first bad entry."""

    log: str
    entries: int = 0
    under_head: int = 0
    removed: Counter[str] = field(default_factory=Counter)  # by cause, of those that the law took away
    rejudged: int = 0
    findings: list[Finding] = field(default_factory=list)
    more: int = 0
    good: GoodHead | None = None

    def find(self, wrong: str, position: int | None = None, form: str | None = None, row_id: str | None = None) -> None:
        """Keep the first of them, and count the rest."""
        if len(self.findings) >= FINDINGS_KEPT:
            self.more += 1
            return
        relation = None if form is None else form.partition(".")[0]
        self.findings.append(Finding(log=self.log, wrong=wrong, position=position, relation=relation, row_id=row_id))


@dataclass(frozen=True, slots=True)
class Unsealed:
    """Rows of one kind that wait to be sealed. ``oldest``: where the kind has a moment."""

    form: str
    count: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """All of it. ``beside``: what was found of rows that have no entry, and of heads kept elsewhere."""

    logs: Sequence[LogReport]
    unsealed: Sequence[Unsealed]
    beside: Sequence[Finding]
    seconds: float

    @property
    def entries(self) -> int:
        """How many entries were looked at."""
        return sum(log.entries for log in self.logs)

    @property
    def findings(self) -> list[Finding]:
        """What is wrong, the first bad entry of each log first."""
        return [*(finding for log in self.logs for finding in log.findings), *self.beside]

    @property
    def is_sound(self) -> bool:
        """Whether nothing was tampered with."""
        return not self.findings


def report_form(report: VerifyReport) -> dict[str, Any]:
    """The report as plain JSON."""
    return {
        "sound": report.is_sound,
        "entries": report.entries,
        "seconds": round(report.seconds, 3),
        "logs": [_log_form(log) for log in report.logs],
        "findings": [finding_form(finding) for finding in report.findings],
        "not_sealed_yet": [
            {"form": one.form, "rows": one.count, "oldest": one.oldest.isoformat() if one.oldest else None}
            for one in report.unsealed
        ],
    }


def _log_form(log: LogReport) -> dict[str, Any]:
    good = log.good
    return {
        "log": log.log,
        "entries": log.entries,
        "under_head": log.under_head,
        "removed_by_right": dict(log.removed),
        "rejudged": log.rejudged,
        "bad": len(log.findings) + log.more,
        "last_good_head": None
        if good is None
        else {"size": good.size, "root": good.root.hex(), "at": good.at.isoformat()},
    }


def finding_form(finding: Finding) -> dict[str, Any]:
    """One finding as plain JSON."""
    return {
        "log": finding.log,
        "position": finding.position,
        "relation": finding.relation,
        "row": finding.row_id,
        "wrong": finding.wrong,
    }
