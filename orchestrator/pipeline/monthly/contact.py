"""What was decided and done: attempts, holds and refusals, and abandoned calls against each country's law."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from orchestrator.compliance.abandonment_regime import Calling, Regime, regime_of, territories_of
from orchestrator.compliance.false_positives import estimated, ground
from orchestrator.compliance.rights_law import RightsLaw
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.campaign import Seller
from orchestrator.domain.carrier import AmdMode
from orchestrator.domain.month import Month, Section
from orchestrator.persistence import call_counts, campaigns, detection_tests, sellers
from orchestrator.persistence.call_counts import Count
from orchestrator.persistence.campaigns import Campaign
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import decisions
from orchestrator.pipeline.abandonment import OUR_SHARE
from orchestrator.pipeline.call_tally import taken_for_machines, totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a section may look at: one transaction, one seller, one month."""

    tx: Connection
    seller_id: str
    month: Month
    rulebook: Rulebook
    rights: RightsLaw
    now: datetime

    @property
    def until(self) -> datetime:
        """The end of the month, or of what is known of it."""
        return min(self.month.ends, self.now)


def made(look: Look) -> Section:
    """Attempts by channel, mode and outcome."""
    of = (attempts.c.channel, func.coalesce(attempts.c.mode, "-"), func.coalesce(attempts.c.outcome, attempts.c.stage))
    here = (
        attempts.c.seller_id == look.seller_id,
        attempts.c.planned_at >= look.month.begins,
        attempts.c.planned_at < look.month.ends,
    )
    found = look.tx.execute(select(*of, func.count()).where(*here).group_by(*of).order_by(*of))
    return Section(
        name="attempts",
        title="Calls and texts",
        how="Counted from the attempts that were planned in the month.",
        header=("channel", "mode", "outcome", "attempts"),
        rows=[tuple(row) for row in found],
    )


def decided(look: Look) -> Section:
    """Holds and refusals by the rule that decided."""
    here = (
        decisions.c.seller_id == look.seller_id,
        decisions.c.decided_at >= look.month.begins,
        decisions.c.decided_at < look.month.ends,
    )
    counts: Counter[tuple[str, str]] = Counter()
    for row in look.tx.execute(select(decisions.c.verdict, decisions.c.rules).where(*here)):
        counts[row.verdict, row.rules[0] if row.rules else "-"] += 1
    return Section(
        name="decisions",
        title="Decisions, holds and refusals by rule",
        how="Counted from the decisions first made in the month, each by the strictest rule that decided it; the same "
        "hold again is one decision.",
        header=("verdict", "rule", "decisions"),
        rows=[(*key, count) for key, count in sorted(counts.items())],
    )


def abandoned(look: Look) -> Section:
    """Abandoned calls of every window that lies in the month, by campaign and regime."""
    seller = sellers.find(look.tx, look.seller_id)
    mine = [one for one in campaigns.every(look.tx) if one.seller_id == look.seller_id]
    found = [row for one in mine if seller is not None for row in _of_campaign(look, seller, one)]
    return Section(
        name="abandonment",
        title="Abandoned calls against each regime",
        how="Recounted from the attempts, by the rule's own window; a window that the month cuts is counted whole, as "
        "far as it is known. The share is of calls answered live, with people taken for machines where the rule asks.",
        header=(
            *("campaign", "country", "rule", "window_from", "window_until", "live_answered", "abandoned"),
            *("taken_for_machines", "share", "limit", "kept", "estimate"),
        ),
        rows=found,
        empty="No call of this seller was placed in the month.",
    )


def _of_campaign(look: Look, seller: Seller, campaign: Campaign) -> Iterator[tuple[object, ...]]:
    regimes = {
        regime.country: regime
        for country in _countries(look, campaign.id)
        for regime in [_regime(look, seller, campaign, country)]
    }
    for regime in regimes.values():
        for begins, ends in _windows(look, regime, campaign.launched_at or look.month.begins):
            yield _row(look, campaign, regime, begins, ends)


def _countries(look: Look, campaign_id: int) -> list[str]:
    here = (
        attempts.c.campaign_id == campaign_id,
        attempts.c.channel == "voice",
        attempts.c.planned_at >= look.month.begins,
        attempts.c.planned_at < look.month.ends,
    )
    return sorted(look.tx.execute(select(attempts.c.country).where(*here).distinct()).scalars())


def _regime(look: Look, seller: Seller, campaign: Campaign, country: str) -> Regime:
    plan = campaign.plan
    calling = Calling(purpose=plan.purpose, caller=seller.kind, sells_too=plan.sales_component)
    return regime_of(look.rulebook, country, calling, look.until, OUR_SHARE)


def _windows(look: Look, regime: Regime, launched_at: datetime) -> Iterator[tuple[datetime, datetime]]:
    moment = max(look.month.begins, launched_at)
    while moment < look.until:
        ends = regime.ends(launched_at, moment)
        yield regime.began(launched_at, moment), ends
        moment = max(ends, moment + timedelta(minutes=15))


def _row(look: Look, campaign: Campaign, regime: Regime, begins: datetime, ends: datetime) -> tuple[object, ...]:
    here = territories_of(look.rulebook, regime.country)
    counts = [one for one in call_counts.from_attempts(look.tx, campaign.id, begins, ends) if one.country in here]
    seen = totals(counts)
    mistaken, estimate = _mistaken(look, campaign, regime, counts)
    live = seen.human - seen.machine_disposition
    lost, answered = seen.abandoned + mistaken, live + mistaken
    share = lost / answered if answered else 0.0
    kept = "yes" if share <= regime.max_share else "NO"
    numbers = (live, seen.abandoned, mistaken, round(share, 5), regime.max_share, kept, estimate)
    return (campaign.name, regime.country, regime.rule, begins, ends, *numbers)


def _mistaken(look: Look, campaign: Campaign, regime: Regime, counts: list[Count]) -> tuple[int, str]:
    taken = taken_for_machines(counts) if regime.with_false_positives else 0
    if not taken:
        return 0, ""
    voice = campaign.plan.voice
    amd = (voice.amd if voice is not None else None) or AmdMode.CONNECT_FIRST
    test = detection_tests.latest(look.tx, look.seller_id, regime.country, amd.value)
    return estimated(taken, test), ground(test)
