"""The answer as the interface promises it, and what it tells a person."""

import jsonschema
import pytest

from orchestrator.compliance.answer_form import answer_form
from orchestrator.domain.decision import Cure
from tests.rules.questions import BASES, RULEBOOK, Json, ask

MOMENT = {"type": ["string", "null"], "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
VERDICTS = {"enum": ["allow", "hold", "refuse"]}
SHAPE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["decision", "rules", "rulebook"],
    "properties": {
        "id": {"type": "string"},
        "decision": VERDICTS,
        "next_allowed_at": MOMENT,
        "jurisdictions": {"type": "array", "items": {"type": "string"}},
        "time_zones": {"type": "array", "items": {"type": "string"}},
        "rulebook": {"type": "string", "minLength": 64},
        "rules": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["rule", "decision", "class", "citation"],
                "properties": {
                    "rule": {"type": "string"},
                    "decision": VERDICTS,
                    "until": MOMENT,
                    "class": {"enum": ["law", "regulator", "code", "policy"]},
                    "citation": {"type": "string", "minLength": 3},
                    "because": {"type": "string", "pattern": r"\.$"},
                },
            },
        },
    },
}


@pytest.mark.parametrize("base", [name for name in BASES if " as of " not in name])
@pytest.mark.parametrize("at", ["2026-11-23T10:00:00+00:00", "2026-11-23T15:30:00+00:00", "2026-11-22T03:00:00+00:00"])
@pytest.mark.parametrize("all_rules", [True, False])
def test_every_answer_has_the_promised_shape(base: str, at: str, all_rules: bool) -> None:
    form = answer_form(ask(base, at, all_rules=all_rules), "q")
    jsonschema.validate(form, SHAPE)
    assert form["id"] == "q"
    assert (form["next_allowed_at"] is not None) == (form["decision"] == "hold")


def test_an_allowance_tells_its_rules_where_asked_alone() -> None:
    at = "2026-11-23T10:00:00-05:00"
    assert ask("us", at, all_rules=False).rules == ()
    assert {rule.verdict.value for rule in ask("us", at).rules} == {"allow"}


def test_an_answer_names_the_rulebook() -> None:
    assert ask("us", "2026-11-23T10:00:00-05:00").rulebook == RULEBOOK.digest


def test_a_hold_tells_its_facts_to_a_person() -> None:
    answer = ask("us", "2026-11-22T11:30:00-06:00", {"contact.number": "+12145550123"})
    assert answer.deciding is not None
    assert answer.deciding.because == (
        "Held until 12:00: on Sundays Texas allows contact from 12:00 to 21:00 "
        "(Tex. Bus. & Com. Code 301.051); it is 11:30 in Chicago's time zone."
    )


def test_what_was_guessed_is_told() -> None:
    answer = ask("us", "2026-11-23T10:00:00-05:00", {"contact.number": "+18005550123", "registries": []})
    assert any("It is not known where in the United States the contact is" in rule.because for rule in answer.rules)


@pytest.mark.parametrize(
    ("base", "changes", "cure", "detail"),
    [
        ("us", {"registries": []}, Cure.REGISTRY, "us-national"),
        ("us", {"suppressions": [{"kind": "do_not_call", "at": "2026-01-01T00:00:00Z"}]}, Cure.NONE, ""),
        ("us", {"contact.number": "+254202012345"}, Cure.RULEBOOK, "KE"),
        ("us", {"attempt.ring_timeout_seconds": 5}, Cure.CAMPAIGN, ""),
        ("us", {"contact.number": "+12145550123", "campaign.caller.registrations": []}, Cure.REGISTRATION, "US-TX"),
        ("us-sms", {"consents": []}, Cure.CONSENT, ""),
        (
            "us",
            {"attempt.mode": "prerecorded", "campaign.purpose": "informational", "contact.line_type": "unknown"},
            Cure.LINE_TYPE,
            "",
        ),
    ],
)
def test_a_refusal_names_what_would_cure_it(base: str, changes: Json, cure: Cure, detail: str) -> None:
    deciding = ask(base, "2026-11-23T11:00:00-05:00", changes).deciding
    assert deciding is not None
    assert (deciding.cure, deciding.cure_detail) == (cure, detail)
