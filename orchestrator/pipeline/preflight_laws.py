"""Which laws begin or end while a campaign runs."""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import date, datetime

from orchestrator.compliance.rule import EVERYWHERE, Rule
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.campaign import CampaignPlan
from orchestrator.domain.contact_request import CallerKind, Channel, Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class LawChange:
    """A rule that comes into force, or is in force for the last time, on a date of the campaign."""

    on: date
    change: str  # begins | ends
    rule: str
    jurisdictions: tuple[str, ...]
    citation: str
    note: str


def changes_between(
    rulebook: Rulebook,
    plan: CampaignPlan,
    caller: CallerKind,
    jurisdictions: Set[str],
    starts_at: datetime,
    ends_at: datetime | None,
) -> list[LawChange]:
    """The changes from the first day to the last, both included, by date; all to come where the campaign has no end."""
    first, last = starts_at.date(), ends_at.date() if ends_at else date.max
    found = [
        _change(rule, change, on, jurisdictions)
        for rule in rulebook.rules
        if _touches(rule, plan, caller, jurisdictions)
        for change, on in _dates(rule)
        if first <= on <= last
    ]
    return sorted(found, key=lambda change: (change.on, change.rule))


def _dates(rule: Rule) -> Iterator[tuple[str, date]]:
    yield "begins", rule.heading.effective
    if rule.heading.expires is not None:
        yield "ends", rule.heading.expires


def _touches(rule: Rule, plan: CampaignPlan, caller: CallerKind, jurisdictions: Set[str]) -> bool:
    applies = rule.heading.applies
    here = EVERYWHERE in applies.jurisdictions or not applies.jurisdictions.isdisjoint(jurisdictions)
    has = {Channel.VOICE: plan.voice is not None, Channel.SMS: plan.sms is not None}
    channels = {channel for channel, is_there in has.items() if is_there}
    purposes = {plan.purpose, Purpose.TELEMARKETING} if plan.sales_component else {plan.purpose}
    binds = (not applies.callers or caller in applies.callers) and caller not in applies.exempt_callers
    return here and binds and bool(applies.channels & channels) and bool(applies.purposes & purposes)


def _change(rule: Rule, change: str, on: date, jurisdictions: Set[str]) -> LawChange:
    heading = rule.heading
    where = heading.applies.jurisdictions & (jurisdictions | {EVERYWHERE})
    return LawChange(
        on=on,
        change=change,
        rule=rule.id,
        jurisdictions=tuple(sorted(where)),
        citation=heading.citation,
        note=heading.note,
    )
