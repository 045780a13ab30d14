"""What a rule's no rests on: a fact that is there, or one that nobody gave us."""

from dataclasses import dataclass

from orchestrator.compliance.abandonment import AbandonmentLimit
from orchestrator.compliance.consent_basis import ConsentRequired, LawfulBasisNamed
from orchestrator.compliance.frequency import FrequencyCap, PauseAfter
from orchestrator.compliance.plain_duties import MessageContent, RegistrationHeld, RingTime
from orchestrator.compliance.rule import Finding, Rule
from orchestrator.domain.contact_request import CallerKind, ContactRequest, LawfulBasis, Mode, Purpose
from orchestrator.domain.decision import Cure

# A duty of the campaign as a whole: no single call breaks it.
NOT_OF_ONE_CALL = (AbandonmentLimit,)
BY_CURE = {
    Cure.LINE_TYPE: "whether the line is a landline or a mobile",
    Cure.REASSIGNED: "whether the number was given to somebody else",
    Cure.RULEBOOK: "any rule about this kind of contact there",
    Cure.JURISDICTION: "where the person is",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What whoever asks for the audit says about every call of the log. None and empty: not known."""

    purpose: Purpose = Purpose.TELEMARKETING
    caller_kind: CallerKind = CallerKind.COMMERCIAL
    mode: Mode | None = None
    ring_seconds: int | None = None
    registrations: tuple[str, ...] = ()
    lawful_basis: LawfulBasis | None = None


def missing(rule: Rule, finding: Finding, request: ContactRequest, *, consent_is_known: bool) -> str:
    """The fact without which this no proves nothing, in words; empty where it stands on what is known."""
    if finding.cure is Cure.REGISTRY:
        return f"whether {finding.cure_detail} listed the number"
    if finding.cure in BY_CURE:
        return BY_CURE[finding.cure]
    return _of_consent(rule, request, consent_is_known) or _of_campaign(rule, request) or _of_history(rule, request)


def _of_consent(rule: Rule, request: ContactRequest, consent_is_known: bool) -> str:
    on_consent = isinstance(rule.check, ConsentRequired) or (
        isinstance(rule.check, LawfulBasisNamed) and request.campaign.lawful_basis is LawfulBasis.CONSENT
    )
    if not on_consent:
        return ""
    if not consent_is_known:
        return "whether the person consented"
    if any(not consent.evidence for consent in request.consents):
        return "the proof of a consent that the list claims"
    return "whether the person is a customer" if _customers_are_exempt(rule) and request.relationship is None else ""


def _customers_are_exempt(rule: Rule) -> bool:
    needs = rule.check.needs if isinstance(rule.check, ConsentRequired) else ()
    return any(condition.relationship is not None for condition in (*needs, *rule.heading.unless))


def _of_campaign(rule: Rule, request: ContactRequest) -> str:
    check = rule.check
    if isinstance(check, RingTime) and request.attempt.ring_timeout_seconds is None:
        return "how long the call rang"
    if isinstance(check, LawfulBasisNamed) and request.campaign.lawful_basis is None:
        return "the lawful basis of the campaign"
    if isinstance(check, MessageContent):
        return "what the message said"
    if isinstance(check, RegistrationHeld):
        return f"whether the caller was registered ({check.any_of[0]})"
    return ""


def _of_history(rule: Rule, request: ContactRequest) -> str:
    """A cap on calls about one subject or debt counts those whose subject nobody knows; that proves nothing."""
    if not isinstance(rule.check, FrequencyCap | PauseAfter):
        return ""
    counted = rule.check.counted
    if counted.per_debt and request.debt is None:
        return "which debt each call was about"
    if counted.per_subject and request.campaign.subject is None:
        return "which subject each call was about"
    return ""
