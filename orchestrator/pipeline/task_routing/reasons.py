"""Why nobody was called, in words for the worker and for the router's record."""

from sqlalchemy import Connection, select

from orchestrator.domain.decision import Verdict
from orchestrator.domain.enrollment import OfferState
from orchestrator.persistence.tables.campaigns import decisions
from orchestrator.persistence.tables.columns import Record

UNANSWERED = "nobody answered the offer in time"
NO_LONGER = "not called: the call was not possible at this moment"


def why_over(tx: Connection, task: Record) -> str:
    """The rule that said no after the worker had said yes, by its name alone; else the offer's own reason."""
    refused = _rules(tx, task) if task.offer_state == OfferState.WITHDRAWN else None
    if refused:
        return f"not called: {', '.join(refused)}"
    if task.offer_reason or task.reason:
        return str(task.offer_reason or task.reason)
    return UNANSWERED if task.offer_state == OfferState.TIMED_OUT else NO_LONGER


def _rules(tx: Connection, task: Record) -> list[str] | None:
    """Those that refused or held the person since the offer was made."""
    rules: list[str] | None = tx.execute(
        select(decisions.c.rules)
        .where(
            decisions.c.enrollment_id == task.enrollment_id,
            decisions.c.verdict != Verdict.ALLOW,
            decisions.c.last_at >= task.offered_at,
        )
        .order_by(decisions.c.last_at.desc(), decisions.c.id.desc())
        .limit(1)
    ).scalar()
    return rules
