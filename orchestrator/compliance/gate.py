"""The gate: every check is asked, the strictest verdict wins, and silence means no."""

from datetime import datetime, timedelta

from orchestrator.compliance.case import Case, Moment
from orchestrator.compliance.rule import Finding, Rule
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.compliance.wording import cited
from orchestrator.compliance.zone import midnight
from orchestrator.domain.contact_request import ContactRequest
from orchestrator.domain.decision import STRICTNESS, Answer, Cure, RuleClass, RuleVerdict, Verdict

HORIZON = timedelta(days=400)
CLASSES = {rule_class: at for at, rule_class in enumerate(RuleClass)}
Findings = list[tuple[Rule, Finding]]


def decide(request: ContactRequest, rulebook: Rulebook, *, all_rules: bool = False) -> Answer:
    """The answer to the question; ``all_rules`` adds those that allowed.

    A hold carries the first moment at which nothing known holds the attempt any more. Later moments are judged by the
    same facts: where one of them has lapsed before the first open moment, the answer is refuse.
    """
    case = Case(request, rulebook.places.find(request.contact))
    findings = ask(case, rulebook, case.at)
    now = strictest(findings)
    if now is not Verdict.HOLD:
        return answer(case, rulebook, findings, now, None, all_rules=all_rules)
    later, until = first_open(case, rulebook, findings)
    if until is not None:
        return answer(case, rulebook, findings, Verdict.HOLD, until, all_rules=all_rules)
    overtaken = {rule.id for rule, _ in later}
    told = [row for row in findings if row[0].id not in overtaken] + later
    return answer(case, rulebook, told, Verdict.REFUSE, None, all_rules=all_rules)


def ask(case: Case, rulebook: Rulebook, at: datetime) -> Findings:
    """What every rule in force says at that moment."""
    moment = Moment(at, case.place)
    selection = rulebook.select(case, case.line_type(at))
    case.uncovered = selection.uncovered(moment)
    return [(rule, rule.say(case, moment)) for rule in selection.rules if rule.heading.in_force(moment)]


def strictest(findings: Findings) -> Verdict:
    """The strictest verdict; refuse where nobody said anything."""
    if not findings:
        return Verdict.REFUSE
    verdicts = {finding.verdict for _, finding in findings}
    if Verdict.REFUSE in verdicts:
        return Verdict.REFUSE
    return Verdict.HOLD if Verdict.HOLD in verdicts else Verdict.ALLOW


def first_open(case: Case, rulebook: Rulebook, findings: Findings) -> tuple[Findings, datetime | None]:
    """The first moment at which every rule allows; None, and what refuses by then, where a fact lapses first.

    Each rule says when it alone would open, so nothing is open before the latest of these; there all are asked again.
    """
    at = case.at
    while at < case.at + HORIZON:
        at = max(opening(rule, finding, case) for rule, finding in findings if finding.verdict is Verdict.HOLD)
        findings = ask(case, rulebook, at)
        verdict = strictest(findings)
        if verdict is Verdict.ALLOW:
            return [], at
        if verdict is Verdict.REFUSE:
            return [lapsed(rule, finding, at) for rule, finding in findings if finding.verdict is verdict], None
    return [lapsed(rule, finding, at) for rule, finding in findings if finding.verdict is Verdict.HOLD], None


def opening(rule: Rule, finding: Finding, case: Case) -> datetime:
    """When this rule alone would let the attempt pass: its own moment, or the end of its being in force."""
    until = finding.until or case.at
    expires = rule.heading.expires
    if expires is None or not case.place.zones:
        return until
    return min(until, max(midnight(expires + timedelta(days=1), where) for where in case.place.zones))


def lapsed(rule: Rule, finding: Finding, at: datetime) -> tuple[Rule, Finding]:
    """The refusal of a later moment, told as such."""
    because = f"At the first open moment, {at:%Y-%m-%d %H:%M} UTC, this no longer stands: {finding.because}"
    cure = finding.cure if finding.verdict is Verdict.REFUSE else Cure.CAMPAIGN
    return rule, Finding(verdict=Verdict.REFUSE, because=because, cure=cure, cure_detail=finding.cure_detail)


def answer(
    case: Case, rulebook: Rulebook, findings: Findings, verdict: Verdict, until: datetime | None, *, all_rules: bool
) -> Answer:
    """The answer, with the rules that had a say in the order of their strictness."""
    told = findings if all_rules else [row for row in findings if row[1].verdict is not Verdict.ALLOW]
    return Answer(
        verdict=verdict,
        rules=tuple(verdict_of(rule, finding, case) for rule, finding in sorted(told, key=_rank)),
        rulebook=rulebook.digest,
        next_allowed_at=until,
        jurisdictions=asked(case, findings),
        time_zones=case.place.zone_names,
    )


def asked(case: Case, findings: Findings) -> tuple[str, ...]:
    """Every jurisdiction whose rules were asked; a city only where one of its own was."""
    if not case.place.cities:
        return case.place.jurisdictions
    named = {jurisdiction for rule, _ in findings for jurisdiction in rule.heading.applies.jurisdictions}
    return (*case.place.jurisdictions, *(city for city in case.place.cities if city in named))


def _rank(row: tuple[Rule, Finding]) -> tuple[int, float, int, str]:
    rule, finding = row
    latest_first = -finding.until.timestamp() if finding.until else 0.0
    return -STRICTNESS[finding.verdict], latest_first, CLASSES[rule.heading.rule_class], rule.id


def verdict_of(rule: Rule, finding: Finding, case: Case) -> RuleVerdict:
    """The rule's say with its law, and what was guessed for want of knowledge."""
    because = cited(finding.because or rule.heading.note, rule.heading.citation)
    guessed = case.place.guessed if finding.verdict is not Verdict.ALLOW else ""
    return RuleVerdict(
        rule=rule.id,
        verdict=finding.verdict,
        rule_class=rule.heading.rule_class,
        citation=rule.heading.citation,
        until=finding.until,
        because=f"{because} {guessed}".strip(),
        cure=finding.cure,
        cure_detail=finding.cure_detail,
    )
