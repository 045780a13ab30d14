"""Hold a log of calls against the law: a question to the gate for each, with the history that the log tells."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from orchestrator.compliance.case import Case
from orchestrator.compliance.gate import Findings, ask, strictest
from orchestrator.compliance.jurisdiction import Place
from orchestrator.compliance.rule import Finding, Rule
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.contact_request import (
    AttemptFacts,
    CallerFacts,
    CampaignFacts,
    Channel,
    ContactFacts,
    ContactRequest,
    Direction,
    LineType,
    PastContact,
)
from orchestrator.domain.decision import RuleClass, Verdict
from orchestrator.pipeline.audit_facts import NOT_OF_ONE_CALL, Claims, missing
from orchestrator.pipeline.audit_log import LoggedCall
from orchestrator.pipeline.audit_people import People, Person
from orchestrator.pipeline.audit_readings import Reading, open_question, readings_of

CALLER = "the caller"  # one log, one caller: its consents and noes are all to the same
CALLS_BETWEEN_SWEEPS = 100_000
HELD_UNTIL = re.compile(r"^Held until .*?: ")


class Verdicts(StrEnum):
    """What an audit says of a call. ``unproven``: some fact is missing without which it cannot be called lawful."""

    UNLAWFUL = "unlawful"
    UNPROVEN = "unproven"
    AGAINST_POLICY = "against_policy"
    LAWFUL = "lawful"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFound:
    """A rule that said no. ``missing`` names the fact that its no rests on and that nobody gave; empty: it stands."""

    rule: str
    rule_class: RuleClass
    citation: str
    because: str
    verdict: Verdict
    missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One outbound call, what the gate would have answered, and what the audit makes of that."""

    call: LoggedCall
    decision: Verdict
    finding: Verdicts
    rules: tuple[RuleFound, ...]
    on_list: bool


class Auditor:
    """Takes calls in order of time and judges those that went out."""

    def __init__(self, rulebook: Rulebook, people: People, claims: Claims) -> None:
        self.rulebook, self.people, self.claims = rulebook, people, claims
        self._history: dict[str, list[PastContact]] = {}
        self._lookback = timedelta(days=rulebook.history_days + 1)
        self._heard = 0

    def hear(self, call: LoggedCall) -> Judged | None:
        """The judgement of a call that went out; None for one that came in, which is only remembered."""
        person = self.people.find(call.number)
        key = person.key if person is not None else call.number
        past = self._history.setdefault(key, [])
        judged = None
        if call.direction is Direction.OUTBOUND:
            judged = self._judge(call, person, tuple(past))
        past.append(self._past(call))
        self._sweep(call)
        return judged

    def _past(self, call: LoggedCall) -> PastContact:
        return PastContact(
            at=call.at,
            channel=call.channel,
            direction=call.direction,
            mode=call.mode or self.claims.mode,
            outcome=call.outcome,
            purpose=self.claims.purpose if call.direction is Direction.OUTBOUND else None,
            debt=call.debt,
            subject=call.campaign,
            campaign=call.campaign,
        )

    def _sweep(self, call: LoggedCall) -> None:
        """Forget now and then what no rule looks back at any more."""
        self._heard += 1
        if self._heard % CALLS_BETWEEN_SWEEPS:
            return
        since = call.at - self._lookback
        kept = {key: [past for past in history if past.at > since] for key, history in self._history.items()}
        self._history = {key: history for key, history in kept.items() if history}

    def _judge(self, call: LoggedCall, person: Person | None, history: tuple[PastContact, ...]) -> Judged:
        request = self._question(call, person, history)
        place = self.rulebook.places.find(request.contact)
        known = person is not None and person.consent_is_known
        findings = self._findings(request, place)
        rules = tuple(_rule_found(rule, finding, request, known) for rule, finding in findings if _says_no(finding))
        if any(not rule.missing for rule in rules):
            rules = self._certain(rules, readings_of(self.rulebook, request, place), known)
        return Judged(
            call=call,
            decision=strictest(findings),
            finding=_finding(rules),
            rules=_sorted(rules),
            on_list=person is not None,
        )

    def _question(self, call: LoggedCall, person: Person | None, history: tuple[PastContact, ...]) -> ContactRequest:
        who = person or Person(key=call.number)
        claims = self.claims
        return ContactRequest(
            at=call.at,
            attempt=AttemptFacts(
                channel=call.channel,
                mode=call.mode or claims.mode if call.channel is Channel.VOICE else None,
                ring_timeout_seconds=call.ring_seconds or claims.ring_seconds,
            ),
            campaign=CampaignFacts(
                id=call.campaign,
                purpose=claims.purpose,
                subject=call.campaign,
                lawful_basis=claims.lawful_basis,
                caller=CallerFacts(kind=claims.caller_kind, id=CALLER, registrations=claims.registrations),
            ),
            contact=ContactFacts(
                number=call.number,
                line_type=who.line_types.get(call.number, LineType.UNKNOWN),
                country=who.country,
                region=who.region,
                postal_code=who.postal_code,
                time_zone=who.time_zone,
            ),
            consents=who.consents,
            suppressions=[no for no in who.suppressions if no.at is None or no.at <= call.at],
            history=history,
            debt=call.debt,
        )

    def _findings(self, request: ContactRequest, place: Place) -> Findings:
        said = ask(Case(request, place), self.rulebook, request.at)
        return [(rule, finding) for rule, finding in said if not isinstance(rule.check, NOT_OF_ONE_CALL)]

    def _certain(
        self, rules: tuple[RuleFound, ...], readings: Sequence[Reading], consent_is_known: bool
    ) -> tuple[RuleFound, ...]:
        """The rules, those left open that do not stand on any line type, in any mode, wherever the person is.

        Where each reading breaks some law, but not one and the same, the call was unlawful all the same.
        """
        if len(readings) < 2:
            return rules
        standing = [self._noes(request, place, consent_is_known) for request, place in readings]
        always = set.intersection(*({rule.rule for rule in some} for some in standing))
        if not always and all(_finding(some) is Verdicts.UNLAWFUL for some in standing):
            return rules
        unsettled = open_question(readings)
        return tuple(
            rule if rule.missing or rule.rule in always else replace(rule, missing=unsettled) for rule in rules
        )

    def _noes(self, request: ContactRequest, place: Place, consent_is_known: bool) -> tuple[RuleFound, ...]:
        """What stands on known facts alone."""
        found = (
            _rule_found(rule, finding, request, consent_is_known)
            for rule, finding in self._findings(request, place)
            if _says_no(finding)
        )
        return tuple(rule for rule in found if not rule.missing)


def _says_no(finding: Finding) -> bool:
    return finding.verdict is not Verdict.ALLOW


def _rule_found(rule: Rule, finding: Finding, request: ContactRequest, consent_is_known: bool) -> RuleFound:
    because = HELD_UNTIL.sub("", finding.because or rule.heading.note)
    return RuleFound(
        rule=rule.id,
        rule_class=rule.heading.rule_class,
        citation=rule.heading.citation,
        because=f"{because[:1].upper()}{because[1:]}",
        verdict=finding.verdict,
        missing=missing(rule, finding, request, consent_is_known=consent_is_known),
    )


def _finding(rules: tuple[RuleFound, ...]) -> Verdicts:
    standing = {rule.rule_class for rule in rules if not rule.missing}
    if standing - {RuleClass.POLICY}:
        return Verdicts.UNLAWFUL
    if any(rule.missing for rule in rules):
        return Verdicts.UNPROVEN
    return Verdicts.AGAINST_POLICY if standing else Verdicts.LAWFUL


def _sorted(rules: tuple[RuleFound, ...]) -> tuple[RuleFound, ...]:
    """What stands before what is open, law before policy."""
    classes = list(RuleClass)
    return tuple(sorted(rules, key=lambda rule: (bool(rule.missing), classes.index(rule.rule_class), rule.rule)))
