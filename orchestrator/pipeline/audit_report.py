"""What an audit came to: by rule, with examples, and what nobody knows."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from orchestrator.compliance.answer_form import moment_form
from orchestrator.domain.decision import RuleClass
from orchestrator.pipeline.audit import Judged, RuleFound, Verdicts
from orchestrator.pipeline.audit_log import Unreadable

EXAMPLES = 3


@dataclass
class RuleTally:
    """One rule that calls broke, with the first of them."""

    rule: str
    rule_class: RuleClass
    citation: str
    calls: int = 0
    examples: list[tuple[Judged, RuleFound]] = field(default_factory=list)


@dataclass
class AuditReport:
    """Counts over a whole log. ``missing`` counts calls by the fact that is not known of them."""

    findings: Counter[Verdicts] = field(default_factory=Counter)
    rules: dict[str, RuleTally] = field(default_factory=dict)
    missing: Counter[str] = field(default_factory=Counter)
    unreadable: Counter[str] = field(default_factory=Counter)
    inbound: int = 0
    not_on_list: int = 0

    def skip(self, row: Unreadable) -> None:
        """Count a row that is no call."""
        self.unreadable[row.reason] += 1

    def add(self, judged: Judged | None) -> None:
        """Count a call; None is one that came in."""
        if judged is None:
            self.inbound += 1
            return
        self.findings[judged.finding] += 1
        self.not_on_list += not judged.on_list
        for rule in judged.rules:
            if not rule.missing:
                self._broken(judged, rule)
        if judged.finding is Verdicts.UNPROVEN:
            self.missing.update({rule.missing for rule in judged.rules if rule.missing})

    def _broken(self, judged: Judged, rule: RuleFound) -> None:
        tally = self.rules.setdefault(rule.rule, RuleTally(rule.rule, rule.rule_class, rule.citation))
        tally.calls += 1
        if len(tally.examples) < EXAMPLES:
            tally.examples.append((judged, rule))

    @property
    def outbound(self) -> int:
        """How many calls were judged."""
        return sum(self.findings.values())

    def broken(self) -> list[RuleTally]:
        """The rules that calls broke, the most binding first, then the most often broken."""
        classes = list(RuleClass)
        return sorted(self.rules.values(), key=lambda one: (classes.index(one.rule_class), -one.calls, one.rule))


def call_form(judged: Judged) -> dict[str, Any]:
    """One call as plain JSON; ``missing`` is null where the rule's no stands on known facts."""
    return {
        "line": judged.call.line,
        "number": judged.call.number,
        "at": moment_form(judged.call.at),
        "decision": judged.decision.value,
        "finding": judged.finding.value,
        "rules": [rule_form(rule) for rule in judged.rules],
    }


def rule_form(rule: RuleFound) -> dict[str, Any]:
    """One rule's no as plain JSON."""
    return {
        "rule": rule.rule,
        "class": rule.rule_class.value,
        "citation": rule.citation,
        "because": rule.because,
        "decision": rule.verdict.value,
        "missing": rule.missing or None,
    }


def unreadable_form(row: Unreadable) -> dict[str, Any]:
    """A row that is no call as plain JSON."""
    return {"line": row.line, "error": f"Line {row.line} holds {row.reason}."}
