"""Abandoned calls around each attempt: of its calling day, its month and its regime's window, on the regime's clock."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from orchestrator.compliance.abandonment_regime import OURS, Calling, Regime, regime_of, territories_of
from orchestrator.compliance.answer_form import moment_form
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.compliance.zone import midnight, next_month, zone
from orchestrator.domain.campaign import CampaignPlan, Seller
from orchestrator.domain.campaign_file import plan_from_dict
from orchestrator.persistence import call_counts
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.abandonment import OUR_SHARE, mistaken_people
from orchestrator.pipeline.call_tally import taken_for_machines, totals
from orchestrator.pipeline.evidence.disclosing import Item

AS_A_CLOCK = (
    "Days and months begin on the clock that the regime of the called party's country names; where it names none, on "
    "the country's westernmost; where no regime counts, on the seller's. Calls that have not ended are not counted."
)
Span = tuple[str, datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Abandoned:
    """Counts what a campaign's calls to a country came to. ``seller_zone``: None where the seller has named none."""

    tx: Connection
    rulebook: Rulebook
    seller: Seller
    seller_zone: str | None

    def around(self, calls: Iterable[Record], campaigns: Sequence[Record]) -> list[Item]:
        """One item a campaign, country and span; calls of one day share theirs."""
        plans = {row.id: (row, plan_from_dict(row.plan)) for row in campaigns}
        found: dict[tuple[object, ...], Item] = {}
        for call in calls:
            if call.campaign_id not in plans:
                continue  # it went with its seller, and its counts with it
            campaign, plan = plans[call.campaign_id]
            regime = self._regime(plan, call.country, call.planned_at)
            for span in _spans(regime, campaign.launched_at or campaign.created_at, call.planned_at):
                key = (campaign.id, regime.country, span[1], span[2])
                found[key] = found.get(key) or self._counted(campaign, plan, regime, span)
        return list(found.values())

    def _regime(self, plan: CampaignPlan, country: str, at: datetime) -> Regime:
        calling = Calling(purpose=plan.purpose, caller=self.seller.kind, sells_too=plan.sales_component)
        regime = regime_of(self.rulebook, country, calling, at, OUR_SHARE)
        if regime.rule != OURS or self.seller_zone is None:
            return regime
        return replace(regime, clock=zone(self.seller_zone))

    def _counted(self, campaign: Record, plan: CampaignPlan, regime: Regime, span: Span) -> Item:
        name, begins, ends = span
        here = territories_of(self.rulebook, regime.country)
        every = call_counts.since(self.tx, campaign.id, begins, ends)
        counts = [count for count in every if count.country in here]
        seen = totals(counts)
        mistaken, ground = mistaken_people(self.tx, self.seller.id, plan, regime, counts)
        live = seen.human - seen.machine_disposition
        lost = f"{seen.abandoned} abandoned" + (f", {mistaken} taken for machines by estimate" if mistaken else "")
        percent = round(100 * (seen.abandoned + mistaken) / (live + mistaken), 2) if live + mistaken else 0.0
        return {
            "sentence": f"'{campaign.name}', {regime.country}, {name}: {lost}, {live} answered live: {percent} %.",
            "regime": regime.rule,
            "citation": self._citation(regime),
            "begins": moment_form(begins),
            "ends": moment_form(ends),
            "clock": regime.clock.key,
            "live_answered": live,
            "abandoned": seen.abandoned,
            "taken_for_machines": taken_for_machines(counts),
            "people_among_these_by_estimate": mistaken,
            "estimate": ground or None,
            "percent_abandoned": percent,
            "limit_percent": round(100 * regime.max_share, 2),
        }

    def _citation(self, regime: Regime) -> str | None:
        return next((rule.heading.citation for rule in self.rulebook.rules if rule.id == regime.rule), None)


def _spans(regime: Regime, launched_at: datetime, at: datetime) -> Iterator[Span]:
    """The calling day and the month, and the regime's window where it is neither."""
    day = at.astimezone(regime.clock).date()
    month = day.replace(day=1)
    usual = {
        f"day {day}": (midnight(day, regime.clock), midnight(day + timedelta(days=1), regime.clock)),
        f"month {day:%Y-%m}": (midnight(month, regime.clock), midnight(next_month(day), regime.clock)),
    }
    window = regime.began(launched_at, at), regime.ends(launched_at, at)
    yield from ((name, *span) for name, span in usual.items())
    if window not in usual.values():
        yield "the regime's window", *window
