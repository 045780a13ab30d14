"""What a consent is good for where the person may be: whether the law lets it count, and how long.

How long a consent lasts is nowhere written beside it: the rules say it, on the day that is asked about.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from orchestrator.compliance.case import Case, Moment
from orchestrator.compliance.condition import Condition
from orchestrator.compliance.consent_basis import CONSENT, ConsentRequired
from orchestrator.compliance.consent_needed import ConsentNeeded, over
from orchestrator.compliance.rule import Rule
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.compliance.zone import midnight, zone
from orchestrator.domain.contact_request import (
    AttemptFacts,
    CallerFacts,
    CampaignFacts,
    Channel,
    ConsentFacts,
    ContactFacts,
    ContactRequest,
    Message,
    Mode,
    Purpose,
)

UTC = zone("UTC")


class Use(StrEnum):
    """What a person is contacted by."""

    CALLS = "calls"  # an agent starts each
    MACHINE_CALLS = "machine_calls"
    TEXTS = "texts"


ATTEMPTS = {
    Use.CALLS: AttemptFacts(channel=Channel.VOICE, mode=Mode.MANUAL),
    Use.MACHINE_CALLS: AttemptFacts(channel=Channel.VOICE, mode=Mode.PREDICTIVE),
    Use.TEXTS: AttemptFacts(
        channel=Channel.SMS,
        message=Message(sender_identified=True, opt_out_notice=True, own_similar_products=True),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whose consent it is, to whom, and what for."""

    contact: ContactFacts
    caller: CallerFacts
    purpose: Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """When a consent ends, and by what: a rule's id and citation, or the consent's own words."""

    ends_at: datetime
    by: str
    citation: str = ""


STATED = "stated"


def uses_of(consent: ConsentFacts) -> tuple[Use, ...]:
    """What the consent speaks of at all."""
    return tuple(use for use, attempt in ATTEMPTS.items() if consent.channel.covers(attempt.channel))


def flaw(rulebook: Rulebook, holder: Holder, consent: ConsentFacts, use: Use, at: datetime) -> str:
    """Why the consent does not count for that use at that moment, in words; empty where it does."""
    case = _case(rulebook, holder, consent, use, at)
    never = case.flaw(consent) or over(consent, at)
    if never:
        return never
    for rule in _rules(rulebook, case, at):
        if isinstance(rule.check, ConsentRequired) and (lack := _lack(rule.check.needs, consent, case, at)):
            return f"{lack} ({rule.id})"
    return "" if CONSENT[case.channel].suits(consent) or _asks(rulebook, case, at) else _weak(consent)


def term_of(rulebook: Rulebook, holder: Holder, consent: ConsentFacts, at: datetime) -> Term | None:
    """When the consent has ended for all that it speaks of; None where neither it nor any rule says so."""
    stated = [Term(ends_at=consent.expires_at, by=STATED)] if consent.expires_at is not None else []
    by_law = [_by_law(rulebook, _case(rulebook, holder, consent, use, at), consent) for use in uses_of(consent)]
    lasting = max((term for term in by_law if term is not None), key=lambda term: term.ends_at, default=None)
    ends = stated + ([lasting] if lasting is not None and None not in by_law else [])
    return min(ends, key=lambda term: term.ends_at, default=None)


def _by_law(rulebook: Rulebook, case: Case, consent: ConsentFacts) -> Term | None:
    """The first end that a rule for this use sets, now or when it comes into force."""
    rules = rulebook.select(case, case.line_type(case.at)).rules
    ends = [term for rule in rules if (term := _end_by(rule, consent)) is not None]
    return min(ends, key=lambda term: term.ends_at, default=None)


def _end_by(rule: Rule, consent: ConsentFacts) -> Term | None:
    """When the last of the rule's conditions that the consent meets is met no more, for its age alone."""
    fitting = [needed for needed in _needed(rule) if needed.suits(consent)]
    ends = [needed.ends_at(consent) for needed in fitting]
    dated = [end for end in ends if end is not None]
    if not dated or len(dated) < len(ends):
        return None
    ends_at = max(max(dated), midnight(rule.heading.effective, UTC))
    expires = rule.heading.expires
    if expires is not None and ends_at >= midnight(expires, UTC):
        return None
    return Term(ends_at=ends_at, by=rule.id, citation=rule.heading.citation)


def _needed(rule: Rule) -> Iterator[ConsentNeeded]:
    """The consents that the rule asks for, or that lift it."""
    needs = rule.check.needs if isinstance(rule.check, ConsentRequired) else ()
    for condition in (*needs, *rule.heading.unless):
        if condition.consent is not None and not condition.consent.agreed_time:
            yield condition.consent


def _lack(needs: tuple[Condition, ...], consent: ConsentFacts, case: Case, at: datetime) -> str:
    """Why the consent meets none of these; empty where it meets one, or where none of them is about consent."""
    mine = [one for one in needs if not one.purposes or case.request.campaign.purpose in one.purposes]
    lacks = [one.consent.lack(consent, case, at) for one in mine if one.consent is not None]
    return lacks[0] if lacks and all(lacks) else ""


def _asks(rulebook: Rulebook, case: Case, at: datetime) -> bool:
    return any(isinstance(rule.check, ConsentRequired) for rule in _rules(rulebook, case, at))


def _weak(consent: ConsentFacts) -> str:
    return f"it is {consent.level.value.replace('_', ' ')}"


def _rules(rulebook: Rulebook, case: Case, at: datetime) -> list[Rule]:
    moment = Moment(at, case.place)
    rules = rulebook.select(case, case.line_type(at)).rules
    return [rule for rule in rules if rule.heading.in_force(moment)]


def _case(rulebook: Rulebook, holder: Holder, consent: ConsentFacts, use: Use, at: datetime) -> Case:
    request = ContactRequest(
        at=at,
        attempt=ATTEMPTS[use],
        campaign=CampaignFacts(purpose=holder.purpose, caller=holder.caller, subject=consent.subject),
        contact=holder.contact,
        consents=(consent,),
    )
    return Case(request, rulebook.places.find(holder.contact))
