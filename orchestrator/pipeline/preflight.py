"""What would become of a campaign: who could be contacted now, later or never, and by which rule. Writes nothing."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from orchestrator.compliance.bought_data import CITATION
from orchestrator.domain.contact_request import ContactRequest, LineType
from orchestrator.domain.decision import Answer, Cure
from orchestrator.domain.enrollment import DoneReason, EnrollmentStage, Lane
from orchestrator.domain.errors import UserError
from orchestrator.persistence import list_countries
from orchestrator.persistence.campaigns import Campaign
from orchestrator.persistence.dossiers import Dossier
from orchestrator.pipeline import papers_on_file
from orchestrator.pipeline.dispatch import registry_answers
from orchestrator.pipeline.engine import Engine
from orchestrator.pipeline.launching import missing_lists
from orchestrator.pipeline.listed_people import ListedPeople, step_of
from orchestrator.pipeline.papers_on_file import Missing
from orchestrator.pipeline.preflight_gains import Gain, Prospect, gains_of
from orchestrator.pipeline.preflight_laws import LawChange, changes_between
from orchestrator.pipeline.reassigned import Wanted, unasked
from orchestrator.pipeline.reassigned_need import wanted_of
from orchestrator.pipeline.text_notices import Lack, lacks
from orchestrator.pipeline.text_outlook import TextOutlook, outlooks
from orchestrator.pipeline.text_warnings import warnings
from orchestrator.pipeline.unsubscribing.links import example
from orchestrator.pipeline.vendor_proof import lack_of
from orchestrator.strategies.state import Blocked, Finished, NextStep, Option, Take, Wait

SAMPLE = 500
UNDER_WAY = (EnrollmentStage.CLAIMED, EnrollmentStage.OFFERED, EnrollmentStage.IN_FLIGHT)
Progress = Callable[[int], None]


@dataclass
class Barred:
    """People who cannot be contacted for one reason; ``cure`` None: nothing would change it."""

    reason: str  # a rule's id, or why the enrollment is done
    citation: str = ""
    because: str = ""
    cure: Cure | None = None
    cure_detail: str = ""
    people: int = 0


@dataclass
class Outlook:
    """The whole answer. ``at`` is the moment asked about: now, or the campaign's start; hours are UTC."""

    campaign: str
    at: datetime
    people: int = 0
    under_way: int = 0
    now: Counter[Lane] = field(default_factory=Counter)
    later: Counter[datetime] = field(default_factory=Counter)
    held_by: Counter[str] = field(default_factory=Counter)
    never: dict[str, Barred] = field(default_factory=dict)
    jurisdictions: set[str] = field(default_factory=set)
    changes: Sequence[LawChange] = ()
    sampled: int = 0
    week_hours: int = 0  # callable contact-hours in the next seven days, estimated
    gains: Sequence[Gain] = ()
    unknown_line_types: int = 0  # people of whom the type of some line is not known; the launch looks it up
    missing_papers: Sequence[Missing] = ()  # without which the launch is refused
    reassigned_lookups: int = 0  # paid questions to the Reassigned Numbers Database before these people are contacted
    texts: Sequence[TextOutlook] = ()  # what they would be texted, of those sampled
    text_warnings: Sequence[str] = ()
    lacks: Sequence[Lack] = ()  # what texts and script do not say and must: the launch is refused


def preflight(engine: Engine, campaign: Campaign, now: datetime, progress: Progress) -> Outlook:
    """Ask about everybody on the campaign's lists, launched or not; raises UserError for a list that is not there."""
    missing = missing_lists(engine.store, campaign)
    if missing:
        raise UserError(f"Seller '{campaign.seller_id}' has no list '{missing[0]}'; import it first.")
    flight = _Flight(engine, campaign, now)
    for page in flight.listed.pages():
        flight.ask_about(page)
        progress(len(page))
    return flight.land()


class _Flight:
    """One preflight, page by page; a sample of the people is kept for the estimates."""

    def __init__(self, engine: Engine, campaign: Campaign, now: datetime) -> None:
        self.engine, self.stored = engine, campaign
        self.at = max(now, campaign.plan.starts_at or now)
        self.outlook = Outlook(campaign=campaign.name, at=self.at)
        self.listed = ListedPeople(engine, campaign, self.at, now)
        self.wanted: list[Wanted] = []
        self.sample: list[Prospect] = []
        self.seen = 0
        self.chance = Random(campaign.id)  # noqa: S311 - the same sample each time, and no secret

    def ask_about(self, people: Sequence[Dossier]) -> None:
        """Count what the next step of each would be."""
        registries = registry_answers(self.engine, people, self.stored.seller_id)
        desk = self.listed.desk(registries)
        for person in people:
            self.outlook.people += 1
            if person.enrollment.stage in UNDER_WAY:
                self.outlook.under_way += 1
            elif person.enrollment.stage == EnrollmentStage.DONE:
                self._bar(Barred(person.enrollment.done_reason or "done"))
            else:
                self._keep(Prospect(person, {number.key: registries[number.key] for number in person.numbers}))
                self.outlook.unknown_line_types += any(n.line_type == LineType.UNKNOWN for n in person.numbers)
                step, asked = step_of(desk, person)
                self._count(step, asked, person)
                self.wanted += wanted_of(desk, person, asked)

    def land(self) -> Outlook:
        """The outlook with the laws that change and what missing facts would open."""
        outlook, plan = self.outlook, self.stored.plan
        outlook.changes = changes_between(
            self.engine.rulebook, plan, self.listed.live.seller.kind, outlook.jurisdictions, self.at, plan.ends_at
        )
        outlook.sampled = len(self.sample)
        scale = self.seen / len(self.sample) if self.sample else 0.0
        outlook.week_hours, outlook.gains = gains_of(self.listed.desk, self.sample, scale)
        with self.engine.store.read() as tx:
            outlook.missing_papers = papers_on_file.lacking(tx, self.stored, self.at.date())
        self._look_at_words(outlook)
        outlook.reassigned_lookups = len(unasked(self.engine.store, self.wanted, self.at))
        return outlook

    def _look_at_words(self, outlook: Outlook) -> None:
        plan, engine, seller = self.stored.plan, self.engine, self.listed.live.seller
        with engine.store.read() as tx:
            places = list_countries.countries(tx, self.stored.seller_id, plan.lists)
            outlook.lacks = lacks(engine.rulebook, plan, seller, places, self.at)
            if plan.sms is not None:
                outlook.texts = outlooks(plan.sms, [one.person for one in self.sample], self.seen, example(engine))
                segments = sum(text.segments_by_country.total() for text in outlook.texts)
                outlook.text_warnings = warnings(tx, engine, plan.sms, places, segments, self.at)

    def _keep(self, prospect: Prospect) -> None:
        """Each of all with the same chance."""
        self.seen += 1
        if len(self.sample) < SAMPLE:
            self.sample.append(prospect)
        elif (place := self.chance.randrange(self.seen)) < SAMPLE:
            self.sample[place] = prospect

    def _count(self, step: NextStep, answers: Mapping[Option, tuple[ContactRequest, Answer]], person: Dossier) -> None:
        for _, answer in answers.values():
            self.outlook.jurisdictions.update(answer.jurisdictions)
        lack = lack_of(person, step.option.key, step.option.channel, self.at) if isinstance(step, Take) else None
        if lack is not None:
            self._bar(Barred(lack.rule, CITATION, lack.because, lack.cure, lack.detail))
        elif isinstance(step, Take):
            self.outlook.now[step.option.lane] += 1
        elif isinstance(step, Wait):
            self._wait(step)
        else:
            self._bar(_barred(step, [answer for _, answer in answers.values()]))

    def _wait(self, step: Wait) -> None:
        ends_at = self.stored.plan.ends_at
        if ends_at is not None and step.until >= ends_at:
            self._bar(Barred(DoneReason.CAMPAIGN_OVER, because=f"Held by {step.held_by} until the campaign is over."))
            return
        self.outlook.later[step.until.replace(minute=0, second=0, microsecond=0)] += 1
        self.outlook.held_by[step.held_by] += 1

    def _bar(self, barred: Barred) -> None:
        self.outlook.never.setdefault(barred.reason, barred).people += 1


def _barred(step: Blocked | Finished, answers: Sequence[Answer]) -> Barred:
    """Why, with the law where a rule of the gate says so."""
    told = {rule.rule: rule for answer in reversed(answers) for rule in answer.rules}
    if isinstance(step, Blocked):
        rule = told.get(step.rule)
        citation, because = (rule.citation, rule.because) if rule else ("", "")
        return Barred(step.rule, citation, because, step.cure, step.cure_detail)
    deciding = answers[0].deciding if answers else None
    if step.reason is DoneReason.SUPPRESSED and deciding is not None:
        return Barred(deciding.rule, deciding.citation, deciding.because)
    return Barred(step.reason)
