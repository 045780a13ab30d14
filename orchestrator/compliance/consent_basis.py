"""What an attempt rests on: the consents that the law asks for, and the GDPR's lawful basis."""

from dataclasses import dataclass
from typing import ClassVar

from orchestrator.compliance.case import Case, Moment
from orchestrator.compliance.condition import Condition, read_conditions
from orchestrator.compliance.consent_needed import GIVEN, ConsentNeeded
from orchestrator.compliance.entry import Entry
from orchestrator.compliance.rule import ALLOWED, Finding, Heading, Shelf, refusal
from orchestrator.compliance.wording import alternatives
from orchestrator.domain.contact_request import Channel, ConsentLevel, LawfulBasis, LineType
from orchestrator.domain.decision import Cure

# A soft opt-in is of messages alone: nobody consents to calls by it.
CONSENT = {
    Channel.VOICE: ConsentNeeded(levels=GIVEN),
    Channel.SMS: ConsentNeeded(levels=GIVEN | {ConsentLevel.SOFT_OPT_IN}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRequired:
    """One of these conditions must be met; the first names what is asked of everybody."""

    kind: ClassVar[str] = "consent_required"
    covers: ClassVar[bool] = True
    needs: tuple[Condition, ...]
    lookback_days: int

    def judge(self, case: Case, moment: Moment, heading: Heading, /) -> Finding:
        """Refuse where none of the conditions is met."""
        if any(condition.met(case, moment.at) for condition in self.needs):
            return ALLOWED
        unknown_line = case.request.contact.line_type is LineType.UNKNOWN
        by_line = unknown_line and heading.applies.line_types and LineType.LANDLINE not in heading.applies.line_types
        treated = " The line type is not known, so the line counts as mobile." if by_line else ""
        cure = Cure.LINE_TYPE if by_line else Cure.CONSENT
        return refusal(f"{self._asked(case)}{self._why_none(case, moment)}.{treated}", cure)

    def _asked(self, case: Case) -> str:
        consent = self.needs[0].consent
        if consent is None:
            return "This contact needs a basis that is not there"
        about = " that covers automated contact" if consent.automated else ""
        channel = "calls" if case.channel == "voice" else "messages"
        return f"This contact needs {alternatives(consent.levels)} consent to {channel}{about}"

    def _why_none(self, case: Case, moment: Moment) -> str:
        if not case.request.consents:
            return ", and none is known"
        needed = next((condition.consent for condition in self.needs if condition.consent), None)
        reasons = []
        for consent in case.request.consents:
            lack = case.flaw(consent) or (needed.lack(consent, case, moment.at) if needed else "")
            if lack:
                reasons.append(f"the one of {consent.given_at.date()} does not count: {lack}")
        return f", and {reasons[0]}" if reasons else ", and what else the law asks for beside it is not there"


def read_consent_required(entry: Entry, _: Shelf) -> ConsentRequired:
    """Read ``needs``, of which one must be met."""
    needs = read_conditions(entry, "needs")
    if not needs:
        raise entry.wrong("needs", "is missing")
    heard = [condition.inbound.days or 0 for condition in needs if condition.inbound]
    return ConsentRequired(needs=needs, lookback_days=max(heard, default=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class LawfulBasisNamed:
    """The campaign must name a lawful basis of these; consent as a basis must be proven for this person."""

    kind: ClassVar[str] = "lawful_basis"
    covers: ClassVar[bool] = False
    bases: frozenset[LawfulBasis]
    lookback_days: int = 0

    def judge(self, case: Case, moment: Moment, _: Heading, /) -> Finding:
        """Refuse where the basis is not named, does not fit the purpose, or is a consent that is not there."""
        basis = case.request.campaign.lawful_basis
        if basis is None:
            return refusal("The campaign names no lawful basis.", Cure.CAMPAIGN)
        if basis not in self.bases:
            return refusal(f"{basis.value.replace('_', ' ').capitalize()} is no basis for this purpose.", Cure.CAMPAIGN)
        if basis is LawfulBasis.CONSENT and not CONSENT[case.channel].met(case, moment.at):
            return refusal("The campaign rests on consent, and no proven consent of this person stands.", Cure.CONSENT)
        return ALLOWED


def read_lawful_basis(entry: Entry, _: Shelf) -> LawfulBasisNamed:
    """Read the ``bases`` that fit."""
    bases = entry.members("bases", LawfulBasis)
    if not bases:
        raise entry.wrong("bases", "is missing")
    return LawfulBasisNamed(bases=bases)
