"""What the gate answers: Allow, Hold until, or Refuse, with every rule that had a say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """The three answers, mildest first."""

    ALLOW = "allow"
    HOLD = "hold"
    REFUSE = "refuse"


STRICTNESS: Mapping[Verdict, int] = {Verdict.ALLOW: 0, Verdict.HOLD: 1, Verdict.REFUSE: 2}


class RuleClass(StrEnum):
    """How binding a rule is."""

    LAW = "law"
    REGULATOR = "regulator"
    CODE = "code"
    POLICY = "policy"


class Cure(StrEnum):
    """The fact whose change would re-open a refused enrollment; the step that stores such a fact re-opens it."""

    REGISTRY = "registry"  # a fresh answer of the registry named beside it
    CONSENT = "consent"
    REGISTRATION = "registration"
    LINE_TYPE = "line_type"
    REASSIGNED = "reassigned"  # an answer of the Reassigned Numbers Database
    RULEBOOK = "rulebook"
    JURISDICTION = "jurisdiction"  # a country, region or postal code
    DOCUMENT = "document"  # a paper on file: the one named beside it
    CAMPAIGN = "campaign"  # the campaign's own content or settings
    NONE = "none"  # a person's no: nothing but that person can change it


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleVerdict:
    """What one rule said, in a sentence for a person."""

    rule: str
    verdict: Verdict
    rule_class: RuleClass
    citation: str
    until: datetime | None = None
    because: str = ""
    cure: Cure = Cure.NONE
    cure_detail: str = ""  # which registry, which jurisdiction


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The gate's answer to one question.

    ``next_allowed_at`` is the first moment at which nothing known holds the attempt any more; None for allow and
    refuse. ``rules`` holds every rule that held or refused, strictest first (and those that allowed, where asked for).
    """

    verdict: Verdict
    rules: tuple[RuleVerdict, ...]
    rulebook: str
    next_allowed_at: datetime | None = None
    jurisdictions: tuple[str, ...] = ()
    time_zones: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether the attempt may be made now."""
        return self.verdict is Verdict.ALLOW

    @property
    def deciding(self) -> RuleVerdict | None:
        """The strictest rule, None where every rule allowed."""
        return self.rules[0] if self.rules and self.rules[0].verdict is not Verdict.ALLOW else None
