"""One pacer a campaign: which regime it paces by, what it learnt before a restart, how many calls it wants, and why."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import Connection

from orchestrator.domain.enrollment import Lane
from orchestrator.log import log
from orchestrator.pacing.policy import PacingConfig
from orchestrator.pacing.predictive import PredictivePacer
from orchestrator.pacing.reason import PacingReason
from orchestrator.pacing.snapshot import AGENT_AWAY
from orchestrator.persistence import call_counts, pacer_memory, pacing_view
from orchestrator.persistence.pacer_memory import Given, PacerMemory
from orchestrator.pipeline.abandonment import Abandonment, RegimeBudget
from orchestrator.pipeline.engine import Engine, LiveCampaign
from orchestrator.pipeline.pacing_sight import Sight
from orchestrator.strategies.hours import closing_of_day

NEW_SHIFT_AFTER = timedelta(hours=4)  # without a decision: what was learnt then is another day's
SAVED_EVERY = timedelta(seconds=5)
DUE_ASKED_EVERY = timedelta(seconds=5)
SAME_REASON_EVERY = timedelta(minutes=1)
REASONS_KEPT = timedelta(hours=12)
RESERVED = "the budget: agents are reserved"
NEXT_DUE = 400  # as many as one tick may claim: whose turn comes later is no matter now


@dataclass
class _Post:
    """One campaign's pacer in its shift, and what it saw."""

    pacer: PredictivePacer
    began_at: datetime
    decided_at: datetime
    agents: int  # planned: the most that were seen at work in this shift
    saved_at: datetime
    sight: Sight = field(default_factory=Sight)
    due: tuple[str, ...] = ()
    due_asked_at: datetime | None = None
    reserves: bool = False  # no regime that is due bears another lost call
    spent: frozenset[str] = frozenset()  # countries whose budget is used up
    reasons: list[Given] = field(default_factory=list)
    last_given: Given | None = None


@dataclass
class PacingDesk:
    """The pacers of this worker's campaigns; what they learn is kept, the budget is counted anew at each tick."""

    engine: Engine
    saved_every: timedelta = SAVED_EVERY
    _posts: dict[int, _Post] = field(default_factory=dict)

    def lines(self, campaign: LiveCampaign, now: datetime, abandonment: Abandonment) -> int:
        """How many predictive calls to place now."""
        voice = campaign.plan.voice
        if voice is None:
            return 0
        with self.engine.store.read() as tx:
            call_counts.of_one_moment(tx)
            post = self._post(tx, campaign, now)
            budgets = self._budgets(tx, post, campaign, now, abandonment)
            post.reserves = not any(one.bears_another for one in budgets)
            budget = _paced_by(post, budgets, campaign)
            snapshot = post.sight.look(tx, campaign.id, voice.queue, now, budget.totals)
        post.agents = max(post.agents, int(np.count_nonzero(snapshot.agent_state != AGENT_AWAY)))
        self._adapt(post, campaign, budget, abandonment, now)
        calls = post.pacer.decide((now - post.began_at).total_seconds(), snapshot)
        post.decided_at = now
        _note(post, Given(now, _named(budget), _reason(post.pacer, budget)))
        self._save(post, campaign.id, now)
        return calls

    def reserves(self, campaign: LiveCampaign) -> bool:
        """Whether none of the regimes that have contacts due bears another lost call, as of the last ``lines``."""
        post = self._posts.get(campaign.id)
        return post is not None and post.reserves

    def _post(self, tx: Connection, campaign: LiveCampaign, now: datetime) -> _Post:
        """The pacer of this shift: the one at work, the one before a restart, or a new one."""
        post = self._posts.get(campaign.id)
        if post is None:
            post = self._restored(pacer_memory.load(tx, campaign.id), campaign, now)
        if post is None or not timedelta(0) <= now - post.decided_at < NEW_SHIFT_AFTER:
            config = self._config(campaign, 0, None, 1.0)
            post = _Post(PredictivePacer(config, self.engine.pacing), now, now, 0, now)
        self._posts[campaign.id] = post
        return post

    def _restored(self, memory: PacerMemory | None, campaign: LiveCampaign, now: datetime) -> _Post | None:
        if memory is None:
            return None
        config = self._config(campaign, memory.agents, None, 1.0)
        try:
            pacer = PredictivePacer.restore(config, memory.state, self.engine.pacing)
        except (
            AttributeError,
            LookupError,
            TypeError,
            ValueError,
        ) as error:  # written by another version: it learns anew
            log.warning("pacer.not_restored", campaign=campaign.id, error=repr(error))
            return None
        return _Post(pacer, memory.shift_began_at, memory.decided_at, memory.agents, now)

    def _budgets(
        self, tx: Connection, post: _Post, campaign: LiveCampaign, now: datetime, abandonment: Abandonment
    ) -> list[RegimeBudget]:
        """The budget of each regime that has contacts due."""
        if post.due_asked_at is None or now - post.due_asked_at >= DUE_ASKED_EVERY:
            found = pacing_view.countries_due(tx, campaign.id, Lane.PREDICTIVE, now, NEXT_DUE)
            post.due = tuple(sorted(found)) or post.due or (campaign.seller.country,)
            post.due_asked_at = now
        budgets = [abandonment.budget(tx, campaign, country, now) for country in post.due]
        return list({budget.regime.country: budget for budget in budgets}.values())

    def _adapt(
        self, post: _Post, campaign: LiveCampaign, budget: RegimeBudget, abandonment: Abandonment, now: datetime
    ) -> None:
        """Give the pacer the target, the team and the shift as they are now, with all that it has learnt."""
        ends = _shift_ends(post, campaign, abandonment, now)
        shift = None if ends is None else (ends - post.began_at).total_seconds()
        config = self._config(campaign, post.agents, shift, budget.limit)
        if config != post.pacer.config:
            post.pacer = PredictivePacer.restore(config, post.pacer.state(), self.engine.pacing)

    def _config(self, campaign: LiveCampaign, agents: int, shift: float | None, limit: float) -> PacingConfig:
        voice = campaign.plan.voice
        assert voice is not None, "a pacer for a campaign without voice"  # noqa: S101
        return self.engine.pacing.config(
            calls_per_second=self.engine.calls_per_second,
            ring_timeout_seconds=float(voice.ring_timeout_seconds),
            agents=agents,
            shift_seconds=shift,
            limits=(limit,),
        )

    def _save(self, post: _Post, campaign_id: int, now: datetime) -> None:
        """Keep what was learnt, and the reasons, every few seconds: a kill in between costs no more than those."""
        if now - post.saved_at < self.saved_every:
            return
        memory = PacerMemory(
            campaign_id=campaign_id,
            shift_began_at=post.began_at,
            decided_at=post.decided_at,
            agents=post.agents,
            state=post.pacer.state(),
        )
        with self.engine.store.write() as tx:
            pacer_memory.save(tx, memory)
            pacer_memory.give(tx, campaign_id, post.reasons)
            pacer_memory.forget(tx, now - REASONS_KEPT, campaign_id)
        post.saved_at = now
        post.reasons.clear()


def _paced_by(post: _Post, budgets: list[RegimeBudget], campaign: LiveCampaign) -> RegimeBudget:
    """The regime with the least budget left; those with none are served with reserved agents, and it is said."""
    for budget in budgets:
        _say_whether_spent(post, budget, campaign)
    by_law = [budget for budget in budgets if budget.bears_another and budget.is_law]
    others = [budget for budget in budgets if budget.bears_another]
    return min(by_law or others or budgets, key=lambda budget: budget.left)


def _say_whether_spent(post: _Post, budget: RegimeBudget, campaign: LiveCampaign) -> None:
    country, was_spent = budget.regime.country, budget.regime.country in post.spent
    if was_spent is not budget.bears_another:
        return
    event = "budget.spent" if not budget.bears_another else "budget.left"
    log.info(event, campaign=campaign.id, country=country, calls_left=round(budget.left, 2))
    post.spent = post.spent ^ {country}


def _shift_ends(post: _Post, campaign: LiveCampaign, abandonment: Abandonment, now: datetime) -> datetime | None:
    """When the campaign's own hours, or the campaign, end today; None where neither says."""
    plan, countries = campaign.plan, abandonment.rulebook.numbering.countries
    zones = [zone for code in post.due if code in countries for zone in countries[code].zones]
    closing = closing_of_day(plan.hours, now, zones) if plan.hours is not None else None
    over = plan.ends_at if plan.ends_at is not None and plan.ends_at - now < timedelta(days=1) else None
    return min((end for end in (closing, over) if end is not None), default=None)


def _reason(pacer: PredictivePacer, budget: RegimeBudget) -> PacingReason:
    """The pacer's own; where the budget is spent, that is what limits."""
    own = pacer.reason
    assert own is not None, "a pacer that has decided gives no reason"  # noqa: S101
    return own if budget.bears_another else replace(own, limit=RESERVED)


def _named(budget: RegimeBudget) -> str:
    return f"{budget.regime.country}: {budget.regime.rule}"[:64]  # as wide as its column


def _note(post: _Post, given: Given) -> None:
    """Keep the reasons for placing calls, and one a minute of the others."""
    last = post.last_given
    quiet = given.reason.calls == 0 and last is not None and last.reason.calls == 0
    if quiet and last is not None and last.regime == given.regime and given.at - last.at < SAME_REASON_EVERY:
        return
    post.reasons.append(given)
    post.last_given = given
