"""Of which numbers the law or the campaign wants an answer of the Reassigned Numbers Database before contact."""

from collections.abc import Callable
from datetime import datetime

from orchestrator.compliance.reassigned import ReassignedChecked
from orchestrator.domain.decision import Answer, Cure, RuleVerdict, Verdict
from orchestrator.domain.reassignment import COVERED, last_verified_on
from orchestrator.persistence.campaigns import Campaign
from orchestrator.persistence.dossiers import Dossier
from orchestrator.pipeline.asking import Desk, lacks_own_check
from orchestrator.pipeline.dispatch import registry_answers
from orchestrator.pipeline.engine import Engine
from orchestrator.pipeline.listed_people import Asked, ListedPeople, step_of
from orchestrator.pipeline.reassigned import Wanted


def wanted_before_launch(
    engine: Engine, campaign: Campaign, now: datetime, progress: Callable[[int], None]
) -> list[Wanted]:
    """What to ask about everybody on the campaign's lists, were they contacted now."""
    if campaign.plan.reassigned_check_days is None and not _law_asks(engine):
        return []
    listed, wanted = ListedPeople(engine, campaign, now, now), list[Wanted]()
    for people in listed.pages():
        desk = listed.desk(registry_answers(engine, people, campaign.seller_id))
        for person in people:
            wanted += wanted_of(desk, person, step_of(desk, person)[1])
        progress(len(people))
    return wanted


def _law_asks(engine: Engine) -> bool:
    return any(isinstance(rule.check, ReassignedChecked) for rule in engine.rulebook.rules)


def wanted_of(desk: Desk, person: Dossier, asked: Asked) -> list[Wanted]:
    """The person's numbers that only an answer stands in the way of: the law's, or one that the campaign wants.

    Nothing is spent on a number that something else forbids.
    """
    open_ = {option.key for option, (_, answer) in asked.items() if _may_open(answer)}
    refused = {option.key for option, (_, answer) in asked.items() if _may_open(answer) and _refusing(answer)}
    return [
        Wanted(
            number_key=number.key,
            number=number.number,
            last_verified_on=last_verified_on(person.said[number.key], number.recorded_at, desk.now),
        )
        for number in person.numbers
        if number.key in open_
        and number.country in COVERED
        and (number.key in refused or lacks_own_check(desk, person, number))
    ]


def _refusing(answer: Answer) -> list[RuleVerdict]:
    return [rule for rule in answer.rules if rule.verdict is Verdict.REFUSE]


def _may_open(answer: Answer) -> bool:
    return all(rule.cure is Cure.REASSIGNED for rule in _refusing(answer))
