"""Who takes part in a rehearsal: whoever is due, or everybody listed of a campaign that was not launched yet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

from sqlalchemy import Connection, func, select

from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.enrollment import EnrollmentStage
from orchestrator.domain.errors import UserError
from orchestrator.persistence import campaigns as stored
from orchestrator.persistence.campaigns import Campaign
from orchestrator.persistence.dossiers import NUMBER
from orchestrator.persistence.tables.agents import agents
from orchestrator.persistence.tables.campaigns import enrollments
from orchestrator.persistence.tables.people import contact_points, number_facts
from orchestrator.pipeline.engine import Engine
from orchestrator.pipeline.launching import missing_lists
from orchestrator.rehearsal.copying import Copying, pages
from orchestrator.rehearsal.memory import MemoryStore

MOST_PEOPLE = 20_000
AT_ONCE = 5000
OVER = frozenset({CampaignState.COMPLETED, CampaignState.CANCELLED, CampaignState.ARCHIVED})
DUE = (EnrollmentStage.DUE, EnrollmentStage.CLAIMED, EnrollmentStage.OFFERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftBehind:
    """People of the campaign who could not be contacted in these hours whatever happens, and why."""

    stage: str  # due: held beyond the end; blocked; in_flight: contacted at this moment; done
    rule: str
    people: int
    cure: str | None = None
    first_at: datetime | None = None
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Boarded:
    """Who is in the copy: every ``factor``-th of ``due``. ``wrap_up_seconds``: of each agent of the queue."""

    due: int
    people: int
    factor: int
    left_behind: Sequence[LeftBehind] = ()
    wrap_up_seconds: Sequence[int] = ()
    line_types: Mapping[str, str] = field(default_factory=dict)  # by number, where one is on record


def require_open(engine: Engine, campaign: Campaign) -> None:
    """Raise UserError where nobody can be contacted by this campaign any more, or a list of it is missing."""
    if campaign.state in OVER:
        raise UserError(f"Campaign '{campaign.name}' is {campaign.state}: nobody in it is due. Rehearse another.")
    missing = missing_lists(engine.store, campaign) if campaign.state is CampaignState.DRAFT else []
    if missing:
        raise UserError(f"Seller '{campaign.seller_id}' has no list '{missing[0]}'; import it first.")


def board(
    engine: Engine, memory: MemoryStore, campaign: Campaign, start: datetime, end: datetime, most: int
) -> Boarded:
    """Copy whoever is due before ``end``; of more than ``most`` every second, third … in the order they are claimed."""
    since = start - timedelta(days=engine.rulebook.history_days)
    copying = Copying(live=engine.store, memory=memory, campaign=campaign, start=start, since=since)
    is_draft = campaign.state is CampaignState.DRAFT
    with engine.store.read() as tx, memory.write() as to:
        copying.surroundings(tx, to)
        due = _listed(tx, campaign) if is_draft else _due(tx, campaign.id, end)
        factor = max(1, -(-len(due) // most))
        chosen = due[::factor]
        for some in pages(chosen):
            if is_draft:
                _enrol(copying, engine, tx, to, some)
            else:
                copying.enrolled(tx, to, some)
        copying.earlier_calls(tx, to)
        left = () if is_draft else tuple(_left_behind(tx, campaign.id, end))
        staff = tuple(_staff(tx, campaign))
    return Boarded(
        due=len(due),
        people=len(chosen),
        factor=factor,
        left_behind=left,
        wrap_up_seconds=staff,
        line_types=_line_types(memory),
    )


def _enrol(copying: Copying, engine: Engine, tx: Connection, to: Connection, contact_ids: Sequence[int]) -> None:
    """As the launch will."""
    campaign = copying.campaign
    copying.people(tx, to, contact_ids)
    lane = engine.strategies[campaign.plan.strategy].first_lane(campaign.plan)
    stored.enrol(to, campaign, contact_ids, lane, max(copying.start, campaign.plan.starts_at or copying.start))


def _listed(tx: Connection, campaign: Campaign) -> list[int]:
    lists = stored.list_ids(tx, campaign.seller_id, campaign.plan.lists).values()
    return list(dict.fromkeys(chain.from_iterable(_on_list(tx, list_id) for list_id in lists)))


def _on_list(tx: Connection, list_id: int) -> Iterator[int]:
    after = 0
    while ids := stored.contacts_after(tx, list_id, after, AT_ONCE):
        yield from ids
        after = ids[-1]


def _due(tx: Connection, campaign_id: int, end: datetime) -> Sequence[int]:
    here = (enrollments.c.campaign_id == campaign_id, enrollments.c.stage.in_(DUE))
    query = select(enrollments.c.id).where(*here, enrollments.c.next_eligible_at < end)
    order = (enrollments.c.priority, enrollments.c.next_eligible_at, enrollments.c.id)
    return tx.execute(query.order_by(*order)).scalars().all()


def _left_behind(tx: Connection, campaign_id: int, end: datetime) -> Iterator[LeftBehind]:
    at = enrollments.c.next_eligible_at
    why = func.coalesce(enrollments.c.blocked_by, enrollments.c.done_reason, enrollments.c.held_by, "")
    columns = (enrollments.c.stage, why.label("rule"), enrollments.c.cure)
    spans = (func.min(at, type_=at.type).label("first_at"), func.max(at, type_=at.type).label("last_at"))
    not_due = enrollments.c.stage.not_in(DUE) | (at >= end)
    query = select(*columns, *spans, func.count().label("people")).where(
        enrollments.c.campaign_id == campaign_id, not_due
    )
    for row in tx.execute(query.group_by(*columns).order_by(*columns)):
        held = row.stage in DUE
        yield LeftBehind(
            stage=EnrollmentStage.DUE if held else row.stage,
            rule=row.rule,
            people=row.people,
            cure=row.cure if row.stage == EnrollmentStage.BLOCKED else None,
            first_at=row.first_at if held else None,
            last_at=row.last_at if held else None,
        )


def _staff(tx: Connection, campaign: Campaign) -> Iterator[int]:
    voice = campaign.plan.voice
    query = select(agents.c.wrap_up_seconds).where(agents.c.queue == (voice.queue if voice else ""))
    yield from tx.execute(query.order_by(agents.c.id)).scalars()


def _line_types(memory: MemoryStore) -> Mapping[str, str]:
    query = select(contact_points.c.number_sealed, number_facts.c.line_type).join(
        number_facts, number_facts.c.number_key == contact_points.c.number_key
    )
    with memory.read() as tx:
        return {memory.keyring.open(row.number_sealed, NUMBER): row.line_type for row in tx.execute(query)}
