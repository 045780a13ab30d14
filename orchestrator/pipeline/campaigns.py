"""The life of a campaign: what it may become when, and how it is paused, resumed, stopped and archived."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.errors import UserError
from orchestrator.persistence import attempts, campaign_moves, campaigns, cancellations, scrubs
from orchestrator.persistence.campaign_moves import Move
from orchestrator.persistence.campaigns import Campaign
from orchestrator.persistence.store import Store
from orchestrator.pipeline import papers_on_file
from orchestrator.pipeline.scrub import scrub_campaign
from orchestrator.registries.shelf import Shelf

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

SCRUB_HOLDS = timedelta(days=1)  # a campaign that was last scrubbed earlier is scrubbed again before it resumes


@dataclass(frozen=True, slots=True)
class Scrubber:
    """Against which registries a campaign is scrubbed before it opens, and for whom. There is no opening without."""

    shelf: Shelf
    by: str


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
    becomes = opened_state(campaign, now)
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


def opened_state(campaign: Campaign, now: datetime) -> CampaignState:
    """Running, or scheduled where it starts later."""
    starts_at = campaign.plan.starts_at
    return SCHEDULED if starts_at is not None and starts_at > now else RUNNING


def _move(store: Store, campaign: Campaign, verb: str, wanted: Move) -> None:
    require_may_become(campaign, wanted.becomes, verb)
    with store.write() as tx:
        require_changed(campaign, campaign_moves.move(tx, campaign.id, replace(wanted, was=campaign.state)), verb)
        if wanted.becomes in {SCHEDULED, RUNNING}:
            campaigns.start_afresh(tx, campaign.id)


def require_may_become(campaign: Campaign, becomes: CampaignState, verb: str) -> None:
    """Raise UserError, with what can be done instead, where it cannot be ``verb`` as it stands."""
    if becomes not in TRANSITIONS[campaign.state] or (verb == "launched" and campaign.state is not DRAFT):
        raise _refusal(campaign, verb)


def require_changed(campaign: Campaign, changed: bool, verb: str) -> None:
    """Raise UserError where somebody else was faster."""
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


def _chunks(ids: Sequence[UUID], size: int) -> Iterator[Sequence[UUID]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
