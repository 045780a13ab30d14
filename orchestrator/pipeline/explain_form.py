"""Decisions, attempts and enrollments as plain JSON."""

from typing import Any

from orchestrator.compliance.answer_form import moment_form, rule_form
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.explain_recompute import Recomputed

ATTEMPT_FIELDS = ("campaign_id", "contact_id", "ordinal", "channel", "mode", "stage", "outcome", "sid", "agent_id")
ATTEMPT_MOMENTS = ("ringing_at", "answered_at", "connected_at", "abandoned_at", "message_at", "doubted_at", "ended_at")


def decision_form(row: Record, again: Recomputed, number: str) -> dict[str, Any]:
    """A stored decision, what it is today, and the facts that it rests on."""
    return {
        "id": str(row.id),
        "campaign_id": row.campaign_id,
        "number": number,
        "channel": row.channel,
        "mode": row.mode,
        "decision": row.verdict,
        "deciding": list(row.rules),
        "until": moment_form(row.until),
        "times": row.times,
        "last_at": moment_form(row.last_at),
        "attempt_id": str(row.attempt_id) if row.attempt_id else None,
        "rulebook": row.rulebook,
        "recomputed": again.answer.verdict.value if again.answer else None,
        "agrees": again.agrees,
        "note": again.note,
        "rules": [rule_form(rule) for rule in again.answer.rules] if again.answer else [],
        "time_zones": list(again.answer.time_zones) if again.answer else [],
        "facts": again.facts,
    }


def attempt_form(row: Record, number: str) -> dict[str, Any]:
    """An attempt as it stands."""
    return {
        "id": str(row.id),
        "decision_id": str(row.decision_id),
        "number": number,
        "from": row.from_address,
        "written_by": row.written_by,
        **{name: getattr(row, name) for name in ATTEMPT_FIELDS},
        "answered_by": row.answered_by,
        "attested": row.stir_status,
        "duration_seconds": row.duration_seconds,
        "error_code": row.error_code,
        **{name: moment_form(getattr(row, name)) for name in ATTEMPT_MOMENTS},
    }


def enrollment_form(row: Record) -> dict[str, Any]:
    """Where the person stands in one campaign."""
    names = ("campaign_id", "stage", "lane", "held_by", "blocked_by", "cure", "cure_detail", "done_reason")
    return {
        **{name: getattr(row, name) for name in names},
        "campaign": row.campaign_name,
        "next_eligible_at": moment_form(row.next_eligible_at),
    }
