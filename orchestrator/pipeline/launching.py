"""A campaign's launch: its lists are scrubbed, everybody on them is enrolled, and it opens."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.errors import UserError
from orchestrator.persistence import campaign_moves, campaigns
from orchestrator.persistence.campaign_moves import Move
from orchestrator.persistence.campaigns import Campaign
from orchestrator.persistence.store import Store
from orchestrator.pipeline import papers_on_file
from orchestrator.pipeline.campaigns import Scrubber, opened_state, require_changed, require_may_become
from orchestrator.pipeline.scrub import ScrubReport, scrub_list
from orchestrator.strategies.strategy import Strategy

LookUp = Callable[[Sequence[int]], object]  # what is asked about everybody on these lists before the launch
Progress = Callable[[int], None]  # how many contacts were looked at since the last word


def _silently(_contacts: int) -> None:
    """Nobody watches."""


def _nothing(_lists: Sequence[int]) -> None:
    """Nothing is looked up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launched:
    """What a launch did; ``enrolled`` counts those who were not in the campaign before."""

    state: CampaignState
    enrolled: int
    scrubs: tuple[ScrubReport, ...]


def missing_lists(store: Store, campaign: Campaign) -> list[str]:
    """Lists that the campaign names and its seller does not have."""
    with store.read() as tx:
        known = campaigns.list_ids(tx, campaign.seller_id, campaign.plan.lists)
    return [name for name in campaign.plan.lists if name not in known]


def launch(
    store: Store,
    campaign: Campaign,
    now: datetime,
    scrubber: Scrubber,
    strategy: Strategy,
    progress: Progress = _silently,
    look_up: LookUp = _nothing,
) -> Launched:
    """Look up what is asked for, scrub every list, enrol everybody on them, then open the campaign.

    Raises UserError and opens nothing otherwise.

    A launch that was cut short is simply launched again: nobody is enrolled twice.
    """
    becomes = opened_state(campaign, now)
    require_may_become(campaign, becomes, "launched")
    ends_at = campaign.plan.ends_at
    if ends_at is not None and ends_at <= now:
        raise UserError(f"Campaign '{campaign.name}' ended at {ends_at:%Y-%m-%d %H:%M} UTC; give it a later ends_at.")
    lists = list(_lists(store, campaign).values())
    papers_on_file.require(store, campaign, now)
    look_up(lists)
    scrubbed = [scrub_list(store, scrubber.shelf, campaign.seller_id, list_id, scrubber.by, now) for list_id in lists]
    enrolled = enrol(store, campaign, now, strategy, progress)
    with store.write() as tx:
        campaigns.require_same_plan(tx, campaign)
        opening = Move(was=CampaignState.DRAFT, becomes=becomes, by=scrubber.by, at=now)
        require_changed(campaign, campaign_moves.move(tx, campaign.id, opening), "launched")
        campaigns.mark_launched(tx, campaign.id, now)
        campaigns.start_afresh(tx, campaign.id)
    return Launched(state=becomes, enrolled=enrolled, scrubs=tuple(scrubbed))


def enrol(store: Store, campaign: Campaign, now: datetime, strategy: Strategy, progress: Progress = _silently) -> int:
    """Enrol the contacts of the campaign's lists, each once; return how many are new. Raises UserError for a list."""
    ids = _lists(store, campaign).values()
    lane = strategy.first_lane(campaign.plan)
    due_at = max(now, campaign.plan.starts_at or now)
    enrolled = 0
    for contact_ids in chain.from_iterable(_contacts(store, list_id) for list_id in ids):
        with store.write() as tx:
            campaigns.require_same_plan(tx, campaign)
            enrolled += campaigns.enrol(tx, campaign, contact_ids, lane, due_at)
        progress(len(contact_ids))
        store.rest()
    return enrolled


def _contacts(store: Store, list_id: int) -> Iterator[Sequence[int]]:
    after = 0
    while True:
        with store.read() as tx:
            found = campaigns.contacts_after(tx, list_id, after, store.bulk_rows)
        if not found:
            return
        yield found
        after = found[-1]


def _lists(store: Store, campaign: Campaign) -> dict[str, int]:
    """Its lists' ids in the order in which the campaign names them: of equals, the first is served first."""
    with store.read() as tx:
        known = campaigns.list_ids(tx, campaign.seller_id, campaign.plan.lists)
    for name in campaign.plan.lists:
        if name not in known:
            raise UserError(
                f"Seller '{campaign.seller_id}' has no list '{name}'; import it with "
                f"`orchestrator lists import FILE --seller {campaign.seller_id} --name {name}`."
            )
    return {name: known[name] for name in campaign.plan.lists}
