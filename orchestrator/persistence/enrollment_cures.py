"""Re-open what the law refused for want of a fact that is known now."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, Text, cast, or_, select, update

from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.decision import Cure, Verdict
from orchestrator.domain.enrollment import EnrollmentStage
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.campaigns import campaigns, decisions, enrollments
from orchestrator.persistence.tables.people import contact_points, reassigned_answers, sellers

# A paused campaign's people are opened too: nothing would open them when it resumes.
OVER = (CampaignState.COMPLETED, CampaignState.CANCELLED, CampaignState.ARCHIVED)


def reopen(store: Store, cure: Cure, detail: str | None, now: datetime, seller_id: str | None = None) -> int:
    """Make due whatever waits for this fact in campaigns that are not over, and return how many.

    ``detail`` says which registry or jurisdiction, None for all; ``seller_id`` None means all sellers. Commits by
    chunks: opening one twice, after a crash, only asks the gate again.
    """
    return _in_chunks(store, _waiting(cure, detail, seller_id), now)


def reopen_holders(
    store: Store, cure: Cure, number_keys: Sequence[bytes], now: datetime, seller_id: str | None = None
) -> int:
    """The same for those people alone who hold one of these numbers, whatever the detail."""
    opened = 0
    for start in range(0, len(number_keys), store.bulk_rows):
        holders = _holders(number_keys[start : start + store.bulk_rows], seller_id)
        waiting = (*_waiting(cure, None, seller_id), enrollments.c.contact_id.in_(holders))
        opened += _in_chunks(store, waiting, now)
    return opened


def reopen_answered(store: Store, now: datetime) -> int:
    """Make due whoever waits for the Reassigned Numbers Database and got an answer since: a crash came between."""
    answered = (
        select(contact_points.c.contact_id)
        .join(reassigned_answers, reassigned_answers.c.number_key == contact_points.c.number_key)
        .where(
            contact_points.c.contact_id == enrollments.c.contact_id,
            reassigned_answers.c.checked_at > enrollments.c.updated_at,
            reassigned_answers.c.checked_at <= now,
        )
    )
    return _in_chunks(store, (*_waiting(Cure.REASSIGNED, None, None), answered.exists()), now)


def reopen_people(store: Store, contact_ids: Sequence[int], now: datetime) -> int:
    """Make due whatever holds these people up, whichever fact it wanted: something new is known of them."""
    opened = 0
    for start in range(0, len(contact_ids), store.bulk_rows):
        theirs = enrollments.c.contact_id.in_(contact_ids[start : start + store.bulk_rows])
        opened += _in_chunks(store, (*_still_wanted(), theirs), now)
    return opened


def reopen_refused_by(store: Store, rules: Sequence[str], now: datetime) -> int:
    """Make due whoever is blocked and was once refused by one of these rules, whatever they are blocked by now.

    Only one of several rules that refuse is named on the enrollment; the decisions name them all.
    """
    if not rules:
        return 0
    spoken = cast(decisions.c.rules, Text)
    refused = select(decisions.c.id).where(
        decisions.c.enrollment_id == enrollments.c.id,
        decisions.c.verdict == Verdict.REFUSE,
        or_(*(spoken.contains(f'"{rule}"', autoescape=True) for rule in rules)),
    )
    with store.read() as tx:
        ids = tx.execute(select(enrollments.c.id).where(*_still_wanted(), refused.exists())).scalars().all()
    batches = (ids[start : start + store.bulk_rows] for start in range(0, len(ids), store.bulk_rows))
    return sum(_in_chunks(store, (*_still_wanted(), enrollments.c.id.in_(batch)), now) for batch in batches)


def _still_wanted() -> tuple[ColumnElement[bool], ...]:
    going_on = select(campaigns.c.id).where(campaigns.c.state.not_in(OVER))
    return enrollments.c.stage == EnrollmentStage.BLOCKED, enrollments.c.campaign_id.in_(going_on)


def _waiting(cure: Cure, detail: str | None, seller_id: str | None) -> tuple[ColumnElement[bool], ...]:
    conditions = [*_still_wanted(), enrollments.c.cure == cure]
    if detail is not None:
        conditions.append(enrollments.c.cure_detail == detail)
    if seller_id is not None:
        conditions.append(enrollments.c.seller_id == seller_id)
    return tuple(conditions)


def _holders(number_keys: Sequence[bytes], seller_id: str | None) -> Select[tuple[int]]:
    """Contacts by number; naming the sellers lets the index on (seller, number) serve."""
    whose = select(sellers.c.id) if seller_id is None else select(sellers.c.id).where(sellers.c.id == seller_id)
    return select(contact_points.c.contact_id).where(
        contact_points.c.seller_id.in_(whose), contact_points.c.number_key.in_(number_keys)
    )


def _in_chunks(store: Store, conditions: Sequence[ColumnElement[bool]], now: datetime) -> int:
    chunk = (
        select(enrollments.c.id).where(*conditions).order_by(enrollments.c.id).limit(store.bulk_rows).with_for_update()
    )
    statement = (
        update(enrollments)
        .where(enrollments.c.id.in_(chunk.scalar_subquery()), enrollments.c.stage == EnrollmentStage.BLOCKED)
        .values(
            stage=EnrollmentStage.DUE,
            next_eligible_at=now,
            blocked_by=None,
            cure=None,
            cure_detail=None,
            updated_at=now,
        )
    )
    opened = 0
    while True:
        with store.write() as tx:
            count = tx.execute(statement).rowcount
        opened += count
        if count == 0:
            return opened
        store.rest()
