"""An answer as plain JSON."""

from datetime import UTC, datetime

from orchestrator.domain.decision import Answer, RuleVerdict


def answer_form(answer: Answer, question_id: str | None = None) -> dict[str, object]:
    """The answer as the interface writes it; ``id`` echoes the question's where it had one."""
    form: dict[str, object] = {} if question_id is None else {"id": question_id}
    return form | {
        "decision": answer.verdict.value,
        "next_allowed_at": moment_form(answer.next_allowed_at),
        "jurisdictions": list(answer.jurisdictions),
        "time_zones": list(answer.time_zones),
        "rules": [rule_form(rule) for rule in answer.rules],
        "rulebook": answer.rulebook,
    }


def rule_form(rule: RuleVerdict) -> dict[str, object]:
    """One rule's say."""
    return {
        "rule": rule.rule,
        "decision": rule.verdict.value,
        "until": moment_form(rule.until),
        "class": rule.rule_class.value,
        "citation": rule.citation,
        "because": rule.because,
    }


def moment_form(at: datetime | None) -> str | None:
    """A moment in UTC, as in 2026-11-22T14:00:00Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None
