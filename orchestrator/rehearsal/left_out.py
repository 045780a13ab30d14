"""Whom a rehearsed day did not contact, why, and until when: those in the copy, and those who stayed behind."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Connection, select

from orchestrator.domain.decision import Verdict
from orchestrator.domain.enrollment import DoneReason, EnrollmentStage
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import decisions, enrollments
from orchestrator.persistence.tables.columns import Record
from orchestrator.rehearsal.boarding import LeftBehind
from orchestrator.rehearsal.played import Played
from orchestrator.rehearsal.report import NotContacted

WAITING, NOT_REACHED, BLOCKED, DONE, UNDER_WAY = "waiting", "not_reached", "blocked", "done", "under_way"
NOBODY_FREE = "nobody was free"
SAID_OF: dict[str, str] = {
    EnrollmentStage.DUE: WAITING,
    EnrollmentStage.BLOCKED: BLOCKED,
    EnrollmentStage.IN_FLIGHT: UNDER_WAY,
    EnrollmentStage.DONE: DONE,
}
Why: TypeAlias = tuple[str, str, str | None]  # stage, rule, cure


def not_contacted(tx: Connection, played: Played) -> Sequence[NotContacted]:
    """By stage and rule, most people first. Those left behind are counted by the same factor as those in the copy."""
    people: Counter[Why] = Counter()
    opens: dict[Why, list[datetime]] = {}
    for row, rule in _untouched(tx, played):
        why = _why(row, rule, played.rehearsal.end)
        people[why] += 1
        if why[0] == WAITING:
            opens.setdefault(why, []).append(row.next_eligible_at)
    found = [_entry(why, count, opens.get(why, ())) for why, count in people.items()]
    scaled = [replace(entry, people=entry.people * played.boarded.factor) for entry in found]
    return sorted(_merged([*scaled, *map(_behind, played.boarded.left_behind)]), key=_most_first)


def _untouched(tx: Connection, played: Played) -> Iterator[tuple[Record, str | None]]:
    """Everybody without an attempt that day, with the rule that refused them for good, where one did."""
    start, here = played.rehearsal.start, enrollments.c.campaign_id == played.campaign.id
    tried = select(attempts.c.enrollment_id).where(attempts.c.planned_at >= start)
    rows = tx.execute(select(enrollments).where(here, enrollments.c.id.not_in(tried))).all()
    refused = _refusing(tx)
    for row in rows:
        yield row, refused.get(row.id)


def _refusing(tx: Connection) -> dict[int, str]:
    query = select(decisions.c.enrollment_id, decisions.c.rules).where(decisions.c.verdict == Verdict.REFUSE)
    return {row.enrollment_id: row.rules[0] for row in tx.execute(query.order_by(decisions.c.decided_at)) if row.rules}


def _why(row: Record, refused_by: str | None, end: datetime) -> Why:
    if row.stage == EnrollmentStage.BLOCKED:
        return BLOCKED, row.blocked_by, row.cure
    if row.stage == EnrollmentStage.DONE:
        is_no = row.done_reason == DoneReason.SUPPRESSED and refused_by is not None
        return DONE, refused_by if is_no and refused_by else row.done_reason, None
    if row.next_eligible_at < end:
        return NOT_REACHED, NOBODY_FREE, None
    return WAITING, row.held_by or "", None


def _entry(why: Why, people: int, opens: Sequence[datetime]) -> NotContacted:
    stage, rule, cure = why
    first, last = min(opens, default=None), max(opens, default=None)
    return NotContacted(stage=stage, rule=rule, people=people, cure=cure, first_at=first, last_at=last)


def _behind(left: LeftBehind) -> NotContacted:
    return NotContacted(
        stage=SAID_OF[left.stage],
        rule=left.rule if left.stage != EnrollmentStage.IN_FLIGHT else "",
        people=left.people,
        cure=left.cure,
        first_at=left.first_at,
        last_at=left.last_at,
    )


def _merged(entries: Sequence[NotContacted]) -> Iterator[NotContacted]:
    """The same rule in the copy and behind is one line."""
    by_why: dict[Why, list[NotContacted]] = {}
    for entry in entries:
        by_why.setdefault((entry.stage, entry.rule, entry.cure), []).append(entry)
    for same in by_why.values():
        yield replace(
            same[0],
            people=sum(entry.people for entry in same),
            first_at=min((entry.first_at for entry in same if entry.first_at), default=None),
            last_at=max((entry.last_at for entry in same if entry.last_at), default=None),
        )


def _most_first(entry: NotContacted) -> tuple[int, str, str]:
    return -entry.people, entry.stage, entry.rule
