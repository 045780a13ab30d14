"""How many calls a campaign may still abandon, in the window, by the clock and the formula of each regime."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from orchestrator.compliance.abandonment_regime import OURS, Calling, Regime, regime_of, territories_of
from orchestrator.compliance.false_positives import estimated, ground
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.campaign import CampaignPlan, Seller
from orchestrator.domain.carrier import AmdMode
from orchestrator.domain.contact_request import AbandonmentCounts
from orchestrator.domain.quarters import quarter_at
from orchestrator.pacing.budget import remaining
from orchestrator.pacing.snapshot import PacingTotals
from orchestrator.persistence import call_counts, detection_tests
from orchestrator.persistence.call_counts import Count
from orchestrator.persistence.store import Store
from orchestrator.pipeline.call_tally import taken_for_machines, totals

FRESH_WORLD_SECONDS = 1.0
OUR_SHARE = 0.03  # as in config/pacing.toml
SETTLED_AFTER = timedelta(hours=1)  # what was planned longer ago changes seldom, and is read once a minute
READ_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeBudget:
    """One regime's budget. ``limit``: the share that counts, the law's, the campaign's or ours, whichever is least.

    ``left``: calls that may still be lost in the window; with less than a whole one left, none is risked. ``estimate``
    says what an estimate of people taken for machines rests on, and is empty where none is made.
    """

    regime: Regime
    limit: float
    ends: datetime
    counts: AbandonmentCounts
    totals: PacingTotals
    left: float
    estimate: str = ""

    @property
    def bears_another(self) -> bool:
        """Whether one more lost call would keep the limit: else every call has an agent reserved.

        Where no law sets a limit, the pacer alone keeps ours.
        """
        return self.left >= 1 or not self.is_law

    @property
    def is_law(self) -> bool:
        """Whether the called party's country sets the limit."""
        return self.regime.rule != OURS


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a regime has counted, and how many calls may still be lost; no end of them where no law counts."""

    counts: AbandonmentCounts | None = None
    left: float = float("inf")


@dataclass(frozen=True, slots=True)
class _Settled:
    """The sums of all that was planned before ``until``."""

    read_at: datetime
    until: datetime
    counts: Sequence[Count]


class Called(Protocol):
    """The campaign whose calls are counted: one at work, or one that somebody asks about."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def seller(self) -> Seller:
        """On whose behalf it calls."""

    @property
    def plan(self) -> CampaignPlan:
        """Why and how it calls."""

    @property
    def launched_at(self) -> datetime:
        """Where its first window begins."""


class Abandonment:
    """Budgets by campaign and country, counted once a second of the world from what ended and what is in flight."""

    def __init__(self, store: Store, rulebook: Rulebook, speed: float = 1.0, our_share: float = OUR_SHARE) -> None:
        self._store, self.rulebook, self._our_share = store, rulebook, our_share
        self._fresh_seconds = FRESH_WORLD_SECONDS / speed
        self._known: dict[tuple[int, str], tuple[float, RegimeBudget]] = {}
        self._settled: dict[tuple[int, datetime], _Settled] = {}

    def exposure(self, campaign: Called, country: str, now: datetime) -> Exposure:
        """What the gate and the strategy ask about calls to the country."""
        counted_at, known = self._known.get((campaign.id, country), (None, None))
        if known is None or counted_at is None or time.monotonic() - counted_at >= self._fresh_seconds:
            with self._store.read() as tx:
                call_counts.of_one_moment(tx)
                known = self.budget(tx, campaign, country, now)
        return Exposure(known.counts, known.left) if known.is_law else Exposure()

    def forget(self, campaign_id: int) -> None:
        """What was counted holds for another moment of the world."""
        self._known = {key: kept for key, kept in self._known.items() if key[0] != campaign_id}

    def budget(self, tx: Connection, campaign: Called, country: str, now: datetime) -> RegimeBudget:
        """The budget of the country's regime at this moment, counted afresh."""
        regime = self.regime(campaign, country, now)
        began = regime.began(campaign.launched_at, now)
        here = territories_of(self.rulebook, regime.country)
        counts = [one for one in self._counts(tx, campaign.id, began, now) if one.country in here]
        budget = self._judged(tx, campaign, regime, counts, began, now)
        self._known[campaign.id, country] = (time.monotonic(), budget)
        return budget

    def regime(self, campaign: Called, country: str, now: datetime) -> Regime:
        """Whose rule binds the campaign's calls to the country."""
        plan = campaign.plan
        calling = Calling(purpose=plan.purpose, caller=campaign.seller.kind, sells_too=plan.sales_component)
        return regime_of(self.rulebook, country, calling, now, self._our_share)

    def _judged(
        self,
        tx: Connection,
        campaign: Called,
        regime: Regime,
        counts: list[Count],
        began: datetime,
        now: datetime,
    ) -> RegimeBudget:
        voice = campaign.plan.voice
        limit = min(regime.max_share, self._our_share, (voice and voice.max_abandonment) or 1.0)
        mistaken, estimate = mistaken_people(tx, campaign.seller.id, campaign.plan, regime, counts)
        seen = totals(counts)
        judged = AbandonmentCounts(
            live_answered=seen.human - seen.machine_disposition,
            abandoned=seen.abandoned,
            amd_false_positives_estimated=mistaken,
            window_started_at=began,
        )
        return RegimeBudget(
            regime=regime,
            limit=limit,
            ends=regime.ends(campaign.launched_at, now),
            counts=judged,
            totals=replace(seen, human=seen.human + mistaken, abandoned=seen.abandoned + mistaken),
            left=remaining(judged, limit, counts_false_positives=regime.with_false_positives),
            estimate=estimate,
        )

    def _counts(self, tx: Connection, campaign_id: int, began: datetime, now: datetime) -> list[Count]:
        settled = self._settled_counts(tx, campaign_id, began, now)
        recent = call_counts.since(tx, campaign_id, settled.until)
        return [*settled.counts, *recent, *call_counts.in_flight(tx, campaign_id, began)]

    def _settled_counts(self, tx: Connection, campaign_id: int, began: datetime, now: datetime) -> _Settled:
        known = self._settled.get((campaign_id, began))
        if known is not None and timedelta(0) <= now - known.read_at < READ_EVERY:
            return known
        until = max(began, quarter_at(now - SETTLED_AFTER))
        fresh = _Settled(now, until, call_counts.since(tx, campaign_id, began, until))
        self._settled = {key: kept for key, kept in self._settled.items() if now - kept.read_at < READ_EVERY}
        self._settled[campaign_id, began] = fresh
        return fresh


def mistaken_people(
    tx: Connection, seller_id: str, plan: CampaignPlan, regime: Regime, counts: Sequence[Count]
) -> tuple[int, str]:
    """People taken for machines, by estimate, and what it rests on; none where the regime does not ask."""
    taken = taken_for_machines(counts) if regime.with_false_positives else 0
    amd = plan.voice.amd if plan.voice is not None else None
    if not regime.with_false_positives or (not taken and amd in {None, AmdMode.OFF}):
        return 0, ""
    test = detection_tests.latest(tx, seller_id, regime.country, (amd or AmdMode.CONNECT_FIRST).value)
    return estimated(taken, test), ground(test)
