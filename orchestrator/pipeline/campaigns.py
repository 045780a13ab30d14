"""The life of a campaign: created, launched, paused, resumed, stopped, archived; and who is enrolled in it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import chain
from uuid import UUID

from sqlalchemy import Connection

from orchestrator.domain.campaign import CampaignPlan, CampaignState
from orchestrator.domain.campaign_file import plan_as_dict
from orchestrator.domain.canonical import canonical_json
from orchestrator.domain.errors import UserError
from orchestrator.domain.toml_reading import nearest
from orchestrator.persistence import actions, attempts, campaign_moves, campaigns, cancellations, scrubs, sellers
from orchestrator.persistence.campaign_moves import CREATED, REPLACED, Move
from orchestrator.persistence.campaigns import Campaign
from orchestrator.persistence.store import Store
from orchestrator.pipeline import conversation_campaign, papers_on_file
from orchestrator.pipeline.scrub import ScrubReport, scrub_campaign, scrub_list
from orchestrator.registries.shelf import Shelf
from orchestrator.strategies.cadence import Cadence
from orchestrator.strategies.strategy import Strategy

DRAFT, SCHEDULED, RUNNING, PAUSED = (
    CampaignState.DRAFT,
    CampaignState.SCHEDULED,
    CampaignState.RUNNING,
    CampaignState.PAUSED,
)
COMPLETED, CANCELLED, ARCHIVED = CampaignState.COMPLETED, CampaignState.CANCELLED, CampaignState.ARCHIVED

# Every lawful change; what is not here is answered with what can be done instead.
TRANSITIONS: Mapping[CampaignState, frozenset[CampaignState]] = {
    DRAFT: frozenset({SCHEDULED, RUNNING, CANCELLED}),
    SCHEDULED: frozenset({RUNNING, PAUSED, CANCELLED}),
    RUNNING: frozenset({PAUSED, COMPLETED, CANCELLED}),
    PAUSED: frozenset({SCHEDULED, RUNNING, COMPLETED, CANCELLED}),
    COMPLETED: frozenset({ARCHIVED}),
    CANCELLED: frozenset({ARCHIVED}),
    ARCHIVED: frozenset(),
}
ADVICE: Mapping[CampaignState, str] = {
    DRAFT: "launch or stop it, or create it anew",
    SCHEDULED: "pause or stop it",
    RUNNING: "pause or stop it",
    PAUSED: "resume or stop it",
    COMPLETED: "archive it, or create another",
    CANCELLED: "archive it, or create another",
    ARCHIVED: "create another",
}
ALREADY: Mapping[str, CampaignState] = {
    "launched": RUNNING,
    "resumed": RUNNING,
    "paused": PAUSED,
    "stopped": CANCELLED,
    "archived": ARCHIVED,
}

LookUp = Callable[[Sequence[int]], object]  # what is asked about everybody on these lists before the launch
Progress = Callable[[int], None]  # how many contacts were looked at since the last word


SCRUB_HOLDS = timedelta(days=1)  # a campaign that was last scrubbed earlier is scrubbed again before it resumes


def _silently(_contacts: int) -> None:
    """Nobody watches."""


def _nothing(_lists: Sequence[int]) -> None:
    """Nothing is looked up."""


@dataclass(frozen=True, slots=True)
class Scrubber:
    """Against which registries a campaign is scrubbed before it opens, and for whom. There is no opening without."""

    shelf: Shelf
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Launched:
    """What a launch did; ``enrolled`` counts those who were not in the campaign before."""

    state: CampaignState
    enrolled: int
    scrubs: tuple[ScrubReport, ...]


def create(
    store: Store,
    plan: CampaignPlan,
    now: datetime,
    strategies: Mapping[str, Strategy],
    cadences: Mapping[str, Cadence],
    by: str,
) -> Campaign:
    """Store the plan as a draft and bind its senders to the seller; raises UserError and stores nothing otherwise."""
    _require_known(plan, strategies, cadences)
    with store.write() as tx:
        _bind_senders(tx, plan, now)
        created = campaigns.create(tx, plan, now)
        _note_plan(tx, created, CREATED, plan, by, now)
        return campaigns.fetch(tx, created)


def replace_draft(
    store: Store,
    plan: CampaignPlan,
    now: datetime,
    strategies: Mapping[str, Strategy],
    cadences: Mapping[str, Cadence],
    by: str,
) -> Campaign | None:
    """Give the seller's draft of that name this plan instead; None, and nothing stored, where there is no such draft.

    Raises UserError as ``create`` does, and where its launch was begun. Senders of the old plan stay the seller's.
    """
    _require_known(plan, strategies, cadences)
    with store.write() as tx:
        replaced = campaigns.replace_draft(tx, plan)
        if replaced is None:
            return None
        _bind_senders(tx, plan, now)
        _note_plan(tx, replaced, REPLACED, plan, by, now)
        return campaigns.fetch(tx, replaced)


def _note_plan(tx: Connection, campaign_id: int, action: str, plan: CampaignPlan, by: str, now: datetime) -> None:
    """Which plan it was, by its digest: a draft can be given another, and the launch seals the one that holds."""
    digest = sha256(canonical_json(plan_as_dict(plan)).encode()).hexdigest()
    about, detail = actions.of_campaign(campaign_id), {"plan_sha256": digest}
    actions.record(tx, by=by, action=action, about=about, at=now, seller_id=plan.seller, detail=detail)


def _require_known(plan: CampaignPlan, strategies: Mapping[str, Strategy], cadences: Mapping[str, Cadence]) -> None:
    conversation_campaign.require_another_name(plan)
    _require("strategy", plan.strategy, sorted(strategies))
    _require("cadence", plan.attempts.cadence, sorted(cadences))
    strategies[plan.strategy].first_lane(plan)
    strategies[plan.strategy].require_messages(plan)


def _bind_senders(tx: Connection, plan: CampaignPlan, now: datetime) -> None:
    sellers.require(tx, plan.seller)
    sellers.claim_senders(tx, plan.seller, senders_of(plan), now)


def senders_of(plan: CampaignPlan) -> tuple[str, ...]:
    """Every number and messaging service that the campaign shows."""
    voice = plan.voice.caller_ids if plan.voice else ()
    sms = plan.sms.senders if plan.sms else ()
    service = (plan.sms.messaging_service,) if plan.sms and plan.sms.messaging_service else ()
    return (*voice, *sms, *service)


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
    becomes = _opened_state(campaign, now)
    _may_become(campaign, becomes, "launched")
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
        opening = Move(was=DRAFT, becomes=becomes, by=scrubber.by, at=now)
        _change(campaign, campaign_moves.move(tx, campaign.id, opening), "launched")
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


def pause(store: Store, campaign: Campaign, now: datetime, by: str, reason: str = "paused by hand") -> int:
    """Contact nobody more until resumed; return how many attempts under way are taken back at the carrier."""
    _move(store, campaign, "paused", Move(becomes=PAUSED, reason=reason, by=by, at=now))
    return _take_back(store, campaign.id, now)


def resume(store: Store, campaign: Campaign, now: datetime, scrubber: Scrubber) -> CampaignState:
    """Open the campaign again, scrubbed anew after a day, its errors forgotten; return the state that it has now."""
    if campaign.state is not PAUSED:
        raise _refusal(campaign, "resumed")
    papers_on_file.require(store, campaign, now)
    with store.read() as tx:
        scrubbed_at = scrubs.last_of_campaign(tx, campaign.id)
    if scrubbed_at is None or now - scrubbed_at > SCRUB_HOLDS:
        scrub_campaign(store, scrubber.shelf, campaign.seller_id, campaign.id, scrubber.by, now)
    becomes = _opened_state(campaign, now)
    _move(store, campaign, "resumed", Move(becomes=becomes, by=scrubber.by, at=now))
    return becomes


def stop(store: Store, campaign: Campaign, now: datetime, by: str, reason: str = "stopped by hand") -> int:
    """End the campaign for good; return how many attempts under way are taken back at the carrier."""
    _move(store, campaign, "stopped", Move(becomes=CANCELLED, reason=reason, by=by, at=now))
    taken_back = _take_back(store, campaign.id, now)
    while _finish_some(store, campaign.id, now):
        store.rest()
    return taken_back


def archive(store: Store, campaign: Campaign, now: datetime, by: str) -> None:
    """Put an ended campaign away."""
    _move(store, campaign, "archived", Move(becomes=ARCHIVED, reason=campaign.state_reason, by=by, at=now))


def _opened_state(campaign: Campaign, now: datetime) -> CampaignState:
    starts_at = campaign.plan.starts_at
    return SCHEDULED if starts_at is not None and starts_at > now else RUNNING


def _move(store: Store, campaign: Campaign, verb: str, wanted: Move) -> None:
    _may_become(campaign, wanted.becomes, verb)
    with store.write() as tx:
        _change(campaign, campaign_moves.move(tx, campaign.id, replace(wanted, was=campaign.state)), verb)
        if wanted.becomes in {SCHEDULED, RUNNING}:
            campaigns.start_afresh(tx, campaign.id)


def _may_become(campaign: Campaign, becomes: CampaignState, verb: str) -> None:
    if becomes not in TRANSITIONS[campaign.state] or (verb == "launched" and campaign.state is not DRAFT):
        raise _refusal(campaign, verb)


def _change(campaign: Campaign, changed: bool, verb: str) -> None:
    if not changed:
        raise UserError(
            f"Campaign '{campaign.name}' was changed by somebody else at this moment, so it was not {verb}; "
            "look at its status and try again."
        )


def _refusal(campaign: Campaign, verb: str) -> UserError:
    advice = ADVICE[campaign.state]
    if campaign.state is ALREADY.get(verb):
        return UserError(f"Campaign '{campaign.name}' is already {campaign.state}; you can {advice}.")
    return UserError(f"Campaign '{campaign.name}' is {campaign.state} and cannot be {verb}; you can {advice}.")


def _take_back(store: Store, campaign_id: int, now: datetime) -> int:
    """Looks in a new transaction: dispatch, which writes and then looks, sees either the state or the filing."""
    with store.read() as tx:
        ids = attempts.unanswered(tx, campaign_id)
    filed = 0
    for some in _chunks(ids, store.bulk_rows):
        with store.write() as tx:
            filed += cancellations.file(tx, some, "paused", now)
        store.rest()
    return filed


def _finish_some(store: Store, campaign_id: int, now: datetime) -> int:
    with store.write() as tx:
        return campaigns.finish_waiting(tx, campaign_id, now, store.bulk_rows)


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


def _require(kind: str, name: str, known: Sequence[str]) -> None:
    if name not in known:
        raise UserError(f"There is no {kind} '{name}'; {nearest(name, known)}")


def _chunks(ids: Sequence[UUID], size: int) -> Iterator[Sequence[UUID]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
