"""Which papers a campaign needs and lacks: without them it is not launched, and an untrained agent gets no calls."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from orchestrator.domain.agent import AgentState
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.errors import UserError
from orchestrator.domain.paper import OF_A_LIST, OF_AN_AGENT, PaperKind
from orchestrator.persistence import agents as states
from orchestrator.persistence import campaigns, papers, provenance
from orchestrator.persistence.campaigns import Campaign
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.agents import agents
from orchestrator.persistence.tables.campaigns import campaigns as campaign_table

OPEN = (CampaignState.SCHEDULED.value, CampaignState.RUNNING.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A paper that is needed and not in force. ``of``: the list or the agent that it must be about; empty: neither."""

    seller_id: str
    kind: PaperKind
    of: str = ""

    @property
    def told(self) -> str:
        """As in 'training of agent kim'."""
        about = "" if not self.of else f" of {'agent' if self.kind in OF_AN_AGENT else 'list'} {self.of}"
        return f"{self.kind.value.replace('_', ' ')}{about}"


def require(store: Store, campaign: Campaign, now: datetime) -> None:
    """Raise UserError that names every paper which the campaign lacks today, and how to file it."""
    with store.read() as tx:
        missing = lacking(tx, campaign, now.date())
    if missing:
        one = missing[0]
        raise UserError(
            f"Campaign '{campaign.name}' is not opened, since papers of seller '{campaign.seller_id}' are missing or "
            f"no longer in force: {'; '.join(each.told for each in missing)}. File each with `orchestrator documents "
            f"add FILE --seller {campaign.seller_id} --kind {one.kind.value}{_which(one)}`."
        )


def _which(one: Missing) -> str:
    if not one.of:
        return ""
    return f" --agent {one.of}" if one.kind in OF_AN_AGENT else f" --list '{one.of}'"


def lacking(tx: Connection, campaign: Campaign, day: date) -> list[Missing]:
    """What is missing on that day: of the seller, of the campaign's bought lists, of the agents who are signed in."""
    seller_id, wanted = campaign.seller_id, papers.required(tx, campaign.seller_id)
    there = {PaperKind(row.kind) for row in papers.in_force(tx, seller_id, day)}
    own = sorted(wanted - OF_A_LIST - OF_AN_AGENT - there)
    queue = campaign.plan.voice.queue if campaign.plan.voice is not None else None
    signed_in = _signed_in(tx, queue) if queue is not None and PaperKind.TRAINING in wanted else []
    untrained = sorted(set(signed_in) - trained(tx, seller_id, day))
    return [
        *(Missing(seller_id=seller_id, kind=kind) for kind in own),
        *_of_lists(tx, campaign, wanted, day),
        *(Missing(seller_id=seller_id, kind=PaperKind.TRAINING, of=agent) for agent in untrained),
    ]


def _of_lists(tx: Connection, campaign: Campaign, wanted: frozenset[PaperKind], day: date) -> Iterator[Missing]:
    """A bought list needs its vendor's contract whether the seller asks for one or not."""
    ids = campaigns.list_ids(tx, campaign.seller_id, campaign.plan.lists)
    bought = provenance.bought_lists(tx, {campaign.seller_id})
    checked = papers.in_force(tx, campaign.seller_id, day, [PaperKind.DUE_DILIGENCE])
    for name, list_id in ids.items():
        one = bought.get(list_id)
        if one is None:
            continue
        if not one.contracted(day):
            yield Missing(seller_id=campaign.seller_id, kind=PaperKind.VENDOR_CONTRACT, of=name)
        about = any(row.list_id == list_id or (row.list_id is None and row.party == one.vendor) for row in checked)
        if PaperKind.DUE_DILIGENCE in wanted and not about:
            yield Missing(seller_id=campaign.seller_id, kind=PaperKind.DUE_DILIGENCE, of=name)


def trained(tx: Connection, seller_id: str, day: date) -> frozenset[str]:
    """The agents whose training for this seller is in force."""
    rows = papers.in_force(tx, seller_id, day, [PaperKind.TRAINING])
    return frozenset(row.agent_id for row in rows if row.agent_id is not None)


def untrained_for(tx: Connection, agent_id: str, queue: str, day: date) -> Sequence[str]:
    """Sellers whose open campaigns the queue serves, who ask for training, and for whom the agent has none."""
    found = [seller_id for seller_id in _sellers_served(tx, queue) if _asks_for_training(tx, seller_id)]
    return [seller_id for seller_id in found if agent_id not in trained(tx, seller_id, day)]


def run_once(store: Store, now: datetime) -> list[str]:
    """Ask whoever is signed in and no longer trained for what their queue serves to pause; their ids."""
    with store.read() as tx:
        queues = tx.execute(select(agents.c.id, agents.c.queue).where(_IS_AT_WORK)).all()
        paused = [row.id for row in queues if untrained_for(tx, row.id, row.queue, now.date())]
    for agent_id in paused:
        with store.write() as tx:
            states.ask_pause(tx, agent_id, now)
    return paused


_IS_AT_WORK = (agents.c.state != AgentState.AWAY.value) & ~agents.c.pause_asked


def _signed_in(tx: Connection, queue: str) -> Sequence[str]:
    query = select(agents.c.id).where(agents.c.queue == queue, agents.c.state != AgentState.AWAY.value)
    return tx.execute(query.order_by(agents.c.id)).scalars().all()


def _asks_for_training(tx: Connection, seller_id: str) -> bool:
    return PaperKind.TRAINING in papers.required(tx, seller_id)


def _sellers_served(tx: Connection, queue: str) -> Sequence[str]:
    served = campaign_table.c.plan["voice"]["queue"].as_string() == queue
    query = select(campaign_table.c.seller_id).where(campaign_table.c.state.in_(OPEN), served)
    return tx.execute(query.distinct().order_by(campaign_table.c.seller_id)).scalars().all()
