"""The one way in which an attempt ends: number let go, agent freed, totals moved, all in one transaction."""

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from orchestrator.domain.attempt import REFINEMENTS, Outcome
from orchestrator.persistence import agents, attempts, call_counts, rejudgements, rollups
from orchestrator.persistence.tables.columns import Record


def end_attempt(tx: Connection, attempt: Record, outcome: Outcome, now: datetime, **facts: Any) -> bool:
    """End the attempt with what is known of it; False where it had ended, and then nothing changes."""
    if not attempts.end(tx, attempt.id, outcome, now, facts):
        return False
    attempts.vacate(tx, attempt.id, attempt.number_key, attempt.channel)
    agents.free_after(tx, attempt.id, now, talked=outcome is Outcome.REACHED)
    call_counts.add(tx, attempt.id)
    _count(tx, attempt, {outcome: 1})
    return True


def refine_outcome(tx: Connection, attempt: Record, outcome: Outcome, **facts: Any) -> bool:
    """Make the outcome of an ended attempt more certain; False where it already is."""
    was = Outcome(attempt.outcome)
    if outcome not in REFINEMENTS.get(was, ()):
        return False
    with call_counts.recounting(tx, attempt.id):
        refined = attempts.refine(tx, attempt.id, was, outcome, facts)
    if not refined:
        return False
    rejudgements.note_outcome(tx, attempt)
    _count(tx, attempt, {was: -1, outcome: 1})
    return True


def _count(tx: Connection, attempt: Record, moves: dict[Outcome, int]) -> None:
    metric = {o: rollups.attempt_metric(attempt.channel, attempt.mode, o) for o in moves}
    rollups.add(tx, Counter({(attempt.campaign_id, metric[o]): n for o, n in moves.items()}))
