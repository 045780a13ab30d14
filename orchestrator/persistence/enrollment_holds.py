"""Ask again at once about whoever is held, where what held them does not stand any more."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, select, update

from orchestrator.domain.enrollment import EnrollmentStage
from orchestrator.persistence.enrollment_cures import OVER
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.campaigns import campaigns, enrollments
from orchestrator.strategies.state import CALLERS_REST, CALLERS_SPENT, OF_SENDERS

HALT = "halt"  # the name under which a halted jurisdiction holds


def free_of_halts(store: Store, now: datetime) -> int:
    """Make due whoever a halted jurisdiction holds, and return how many; whom another halt meets is held again."""
    return _ask_again(store, enrollments.c.held_by == HALT, now)


def free_of_callers(store: Store, now: datetime) -> int:
    """Make due whoever waits for a caller id, and return how many; who finds none is held again."""
    return _ask_again(store, enrollments.c.held_by.in_([CALLERS_REST, CALLERS_SPENT]), now)


def free_of_senders(store: Store, now: datetime) -> int:
    """Make due whoever waits for a sender of texts, and return how many; who finds none is held again."""
    return _ask_again(store, enrollments.c.held_by.in_(OF_SENDERS), now)


def free_of_rules(store: Store, waits: Collection[str], now: datetime) -> int:
    """Make due whoever a rule holds, and return how many; ``waits`` are the names of what is none."""
    return _ask_again(store, enrollments.c.held_by.not_in([HALT, *waits]), now)


def _ask_again(store: Store, held: ColumnElement[bool], now: datetime) -> int:
    """Commit by chunks, going on by id so that the whole is read once; a crash between two only leaves some to wait."""
    going_on = select(campaigns.c.id).where(campaigns.c.state.not_in(OVER))
    # The stage is bound and the campaign no bare column, so that the walk goes by id: by their indexes it starts anew
    # with each chunk.
    is_due = enrollments.c.stage == EnrollmentStage.DUE
    waiting = (is_due, held, enrollments.c.next_eligible_at > now, (enrollments.c.campaign_id + 0).in_(going_on))
    freed = after = 0
    while True:
        chunk = select(enrollments.c.id).where(*waiting, enrollments.c.id > after).order_by(enrollments.c.id)
        with store.read() as tx:
            ids = tx.execute(chunk.limit(store.bulk_rows)).scalars().all()
        if not ids:
            return freed
        change = update(enrollments).where(enrollments.c.id.in_(ids), *waiting)
        with store.write() as tx:
            freed += tx.execute(change.values(next_eligible_at=now, held_by=None, updated_at=now)).rowcount
        after = ids[-1]
        store.rest()
