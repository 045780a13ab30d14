"""Campaigns: stored plans whose state moves by compare-and-set, and the people enrolled in them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, case, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from orchestrator.domain.campaign import CampaignPlan, CampaignState
from orchestrator.domain.campaign_file import plan_as_dict, plan_from_dict
from orchestrator.domain.enrollment import DoneReason, EnrollmentStage, Lane
from orchestrator.domain.errors import UserError
from orchestrator.persistence.tables.campaigns import IS_DUE, campaigns, enrollments
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.lists import list_rows, lists
from orchestrator.persistence.tables.people import contacts

CONTACTABLE = ("accepted", "listed", "merged", "duplicate")  # verdicts of rows whose contact may be enrolled
FORGET_ERRORS = (  # built once: each receipt ends the row
    update(campaigns).where(campaigns.c.id == bindparam("b_id"), campaigns.c.errors > 0).values(errors=0)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A stored campaign. ``errors`` counts those in a row, ``canary_left`` the contacts until it pauses by itself."""

    id: int
    seller_id: str
    name: str
    state: CampaignState
    state_reason: str | None
    plan: CampaignPlan
    created_at: datetime
    launched_at: datetime | None
    canary_left: int | None
    errors: int


def create(tx: Connection, plan: CampaignPlan, now: datetime) -> int:
    """Store the plan as a draft and return its id; raises UserError where the seller has one of that name."""
    build = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    row = {**_planned(plan), "state": CampaignState.DRAFT, "created_at": now}
    created: int | None = tx.execute(
        build(campaigns).values(row).on_conflict_do_nothing().returning(campaigns.c.id)
    ).scalar()
    if created is None:
        raise UserError(f"Seller '{plan.seller}' has a campaign '{plan.name}' already; give this one another name.")
    return created


def replace_draft(tx: Connection, plan: CampaignPlan) -> int | None:
    """Give the seller's draft of that name this plan instead, and return its id; None where there is no such draft.

    Raises UserError where somebody is enrolled already: who came from a list that the plan no longer names would stay.
    """
    draft = (campaigns.c.seller_id == plan.seller, campaigns.c.name == plan.name)
    still = (*draft, campaigns.c.state == CampaignState.DRAFT)
    replaced: int | None = tx.execute(
        update(campaigns).where(*still).values(_planned(plan)).returning(campaigns.c.id)
    ).scalar()
    if replaced is None:
        return None
    if tx.execute(select(enrollments.c.id).where(enrollments.c.campaign_id == replaced).limit(1)).first():
        raise UserError(
            f"The launch of '{plan.name}' was begun, and people are enrolled by its old plan: launch it again, or stop "
            "it and give this one another name."
        )
    return replaced


def require_same_plan(tx: Connection, campaign: Campaign) -> None:
    """Raise UserError where the draft was replaced since it was read; until the end of ``tx`` it cannot be.

    The lock is no shared one: two launches that share it would wait for each other once both change the row.
    """
    stored = select(campaigns.c.plan).where(campaigns.c.id == campaign.id).with_for_update(key_share=True)
    if plan_from_dict(tx.execute(stored).scalar_one()) != campaign.plan:
        raise UserError(
            f"Campaign '{campaign.name}' was created anew by somebody else at this moment; launch it again."
        )


def find(tx: Connection, name_or_id: str) -> Campaign:
    """The campaign of that name or id; raises UserError where there is none, or several sellers have one."""
    rows = tx.execute(select(campaigns).where(campaigns.c.name == name_or_id).order_by(campaigns.c.id)).all()
    if not rows and name_or_id.isascii() and name_or_id.isdigit() and len(name_or_id) < 10:
        rows = tx.execute(select(campaigns).where(campaigns.c.id == int(name_or_id))).all()
    if not rows:
        raise UserError(f"There is no campaign '{name_or_id}'; `orchestrator campaigns list` shows all.")
    if len(rows) > 1:
        ids = " or ".join(str(row.id) for row in rows)
        raise UserError(f"Several sellers have a campaign '{name_or_id}'; name it by its number, {ids}.")
    return _campaign(rows[0])


def fetch(tx: Connection, campaign_id: int) -> Campaign:
    """The campaign of that id, as it stands; it must exist."""
    return _campaign(tx.execute(select(campaigns).where(campaigns.c.id == campaign_id)).one())


def every(tx: Connection, states: Collection[CampaignState] | None = None) -> list[Campaign]:
    """All campaigns by id, or those in some states."""
    query = select(campaigns).order_by(campaigns.c.id)
    if states is not None:
        query = query.where(campaigns.c.state.in_(states))
    return [_campaign(row) for row in tx.execute(query)]


def change_state(
    tx: Connection, campaign_id: int, was: Collection[CampaignState], becomes: CampaignState, reason: str | None
) -> bool:
    """Move the campaign on; False where it no longer stands at one of ``was``."""
    still = (campaigns.c.id == campaign_id) & campaigns.c.state.in_(was)
    return tx.execute(update(campaigns).where(still).values(state=becomes, state_reason=reason)).rowcount == 1


def mark_launched(tx: Connection, campaign_id: int, now: datetime) -> None:
    """Remember when its people were enrolled."""
    tx.execute(update(campaigns).where(campaigns.c.id == campaign_id).values(launched_at=now))


def start_afresh(tx: Connection, campaign_id: int) -> None:
    """Forget errors in a row, and a canary that has been looked at."""
    here = campaigns.c.id == campaign_id
    tx.execute(update(campaigns).where(here).values(errors=0))
    tx.execute(update(campaigns).where(here, campaigns.c.canary_left <= 0).values(canary_left=None))


def count_error(tx: Connection, campaign_id: int) -> int:
    """Count one more error in a row, and return how many there are."""
    statement = update(campaigns).where(campaigns.c.id == campaign_id).values(errors=campaigns.c.errors + 1)
    errors: int = tx.execute(statement.returning(campaigns.c.errors)).scalar_one()
    return errors


def forget_errors(tx: Connection, campaign_id: int) -> None:
    """A success ends the row."""
    tx.execute(FORGET_ERRORS, {"b_id": campaign_id})


def list_ids(tx: Connection, seller_id: str, names: Iterable[str]) -> dict[str, int]:
    """The ids of those of the lists that this seller has."""
    query = select(lists.c.name, lists.c.id).where(lists.c.seller_id == seller_id, lists.c.name.in_(list(names)))
    return dict(tx.execute(query).all())


def contacts_after(tx: Connection, list_id: int, after: int, limit: int) -> Sequence[int]:
    """The list's next contacts that may be enrolled, by id: one range of its index."""
    here = (list_rows.c.list_id == list_id, list_rows.c.contact_id > after, list_rows.c.verdict.in_(CONTACTABLE))
    query = select(list_rows.c.contact_id).where(*here).distinct().order_by(list_rows.c.contact_id).limit(limit)
    return tx.execute(query).scalars().all()


def enrol(tx: Connection, campaign: Campaign, contact_ids: Sequence[int], lane: Lane, due_at: datetime) -> int:
    """Enrol contacts, those already in the campaign left as they are; return how many are new."""
    build = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    columns = ("campaign_id", "contact_id", "seller_id", "stage", "lane", "priority", "next_eligible_at", "updated_at")
    rows = select(
        literal(campaign.id),
        contacts.c.id,
        contacts.c.seller_id,
        literal(EnrollmentStage.DUE.value),
        literal(lane.value),
        literal(campaign.plan.priority),
        literal(due_at, enrollments.c.next_eligible_at.type),
        literal(due_at, enrollments.c.updated_at.type),
    ).where(contacts.c.id.in_(contact_ids), contacts.c.seller_id == campaign.seller_id, contacts.c.erased_at.is_(None))
    statement = build(enrollments).from_select(columns, rows).on_conflict_do_nothing()
    return tx.execute(statement, execution_options={"preserve_rowcount": True}).rowcount


def finish_waiting(tx: Connection, campaign_id: int, now: datetime, limit: int) -> int:
    """End enrollments that wait, since the campaign is over; return how many."""
    waiting = (EnrollmentStage.DUE, EnrollmentStage.BLOCKED)
    some = select(enrollments.c.id).where(enrollments.c.campaign_id == campaign_id, enrollments.c.stage.in_(waiting))
    statement = (
        update(enrollments)
        .where(enrollments.c.id.in_(some.limit(limit).scalar_subquery()), enrollments.c.stage.in_(waiting))
        .values(stage=EnrollmentStage.DONE, done_reason=DoneReason.CAMPAIGN_OVER, updated_at=now)
    )
    return tx.execute(statement).rowcount


def blocked_by_cure(tx: Connection, campaign_id: int) -> dict[str, int]:
    """How many wait for which fact."""
    return _counted(tx, campaign_id, EnrollmentStage.BLOCKED, enrollments.c.cure)


def done_by_reason(tx: Connection, campaign_id: int) -> dict[str, int]:
    """How many are done, and why."""
    return _counted(tx, campaign_id, EnrollmentStage.DONE, enrollments.c.done_reason)


def blocked_people(tx: Connection, campaign_id: int) -> list[dict[str, object]]:
    """How many wait for which fact, and by which rule."""
    columns = (enrollments.c.blocked_by, enrollments.c.cure, enrollments.c.cure_detail)
    here = (enrollments.c.campaign_id == campaign_id) & (enrollments.c.stage == EnrollmentStage.BLOCKED)
    query = select(*columns, func.count().label("contacts")).where(here).group_by(*columns).order_by(*columns)
    return [dict(row._mapping) for row in tx.execute(query)]


def waiting_people(tx: Connection, campaign_id: int, now: datetime) -> list[dict[str, object]]:
    """How many are held by what, and when the first of them opens; those who are due now stand first."""
    held = case((enrollments.c.next_eligible_at <= now, "due now"), else_=func.coalesce(enrollments.c.held_by, "later"))
    opens = func.min(enrollments.c.next_eligible_at, type_=enrollments.c.next_eligible_at.type)
    here = (enrollments.c.campaign_id == campaign_id) & IS_DUE
    query = select(held.label("held_by"), opens.label("opens_at"), func.count().label("contacts")).where(here)
    rows = tx.execute(query.group_by(held).order_by(opens)).all()
    return [
        {"held_by": row.held_by, "opens_at": row.opens_at.isoformat(timespec="seconds"), "contacts": row.contacts}
        for row in rows
    ]


def _planned(plan: CampaignPlan) -> dict[str, object]:
    return {
        "seller_id": plan.seller,
        "name": plan.name,
        "purpose": plan.purpose,
        "priority": plan.priority,
        "plan": plan_as_dict(plan),
        "starts_at": plan.starts_at,
        "ends_at": plan.ends_at,
        "canary_left": plan.canary_contacts,
    }


def _counted(tx: Connection, campaign_id: int, stage: EnrollmentStage, by: ColumnElement[str]) -> dict[str, int]:
    here = (enrollments.c.campaign_id == campaign_id) & (enrollments.c.stage == stage)
    query = select(func.coalesce(by, ""), func.count()).where(here).group_by(by).order_by(by)
    return dict(tx.execute(query).all())


def _campaign(row: Record) -> Campaign:
    return Campaign(
        id=row.id,
        seller_id=row.seller_id,
        name=row.name,
        state=CampaignState(row.state),
        state_reason=row.state_reason,
        plan=plan_from_dict(row.plan),
        created_at=row.created_at,
        launched_at=row.launched_at,
        canary_left=row.canary_left,
        errors=row.errors,
    )
