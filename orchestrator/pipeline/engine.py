"""What every step works with, put together once by bootstrap."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.campaign import CampaignPlan, CampaignState, Seller
from orchestrator.pacing.policy import PacingPolicy
from orchestrator.persistence.store import Store
from orchestrator.registries.shelf import Shelf
from orchestrator.strategies.cadence import Cadence
from orchestrator.strategies.caller_policy import CallerPolicy
from orchestrator.strategies.sender_policy import SenderPolicy
from orchestrator.strategies.strategy import Strategy


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long rescue and leases wait, in real seconds; tests shorten them."""

    lease: float = 30.0
    doubt: float = 5.0  # before the carrier is first asked about an attempt in doubt
    silence: float = 120.0  # before it is asked about one that nobody has spoken of
    http: float = 13.0  # the longest that one request can take


@dataclass(frozen=True, kw_only=True)
class Engine:
    """The parts that the steps share."""

    store: Store
    rulebook: Rulebook
    shelf: Callable[[], Shelf]
    strategies: Mapping[str, Strategy]
    cadences: Mapping[str, Cadence]
    pacing: PacingPolicy
    worker: str
    account: str
    calls_per_second: float
    segments_per_second: float  # of a sender of texts of which nothing else is known
    waits: Waits = field(default_factory=Waits)
    callers: CallerPolicy = field(default_factory=CallerPolicy)
    senders: SenderPolicy = field(default_factory=SenderPolicy)
    people_url: str | None = None  # where the pages are that anyone may open; None: no text can link to them


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCampaign:
    """A campaign as the steps see it."""

    id: int
    seller: Seller
    plan: CampaignPlan
    state: CampaignState
    launched_at: datetime
    canary_left: int | None
    strategy: Strategy
    cadence: Cadence
