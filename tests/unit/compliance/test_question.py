"""Questions come in as JSON; what cannot be used is said in one sentence that names the field."""

import copy
from datetime import UTC, datetime, time
from typing import Any

import pytest

from orchestrator.compliance.question import parse_question
from orchestrator.domain.contact_request import LineType, Mode, Subscriber, SuppressionScope
from orchestrator.domain.errors import UserError

WHOLE: dict[str, Any] = {
    "id": "q1",
    "at": "2026-11-23T10:00:00-05:00",
    "attempt": {
        "channel": "voice",
        "mode": "predictive",
        "ring_timeout_seconds": 20,
        "amd": True,
        "message": {
            "kind": "regular",
            "marketing": True,
            "sender_identified": True,
            "opt_out_notice": True,
            "own_similar_products": False,
            "exemption": "healthcare",
            "free_to_recipient": True,
        },
    },
    "campaign": {
        "id": "c",
        "purpose": "telemarketing",
        "sales_component": False,
        "subject": "roof",
        "product": "general",
        "lawful_basis": "consent",
        "codes": ["uk-dma"],
        "caller": {"id": "s", "kind": "commercial", "country": "us", "registrations": ["US-TX"]},
        "abandonment": {
            "live_answered": 10,
            "abandoned": 0,
            "amd_false_positives_estimated": 1,
            "window_started_at": "2026-11-01T00:00:00Z",
        },
    },
    "contact": {
        "id": "p",
        "number": "+12125550123",
        "line_type": "mobile",
        "country": "US",
        "region": "ny",
        "postal_code": "10001",
        "time_zone": "America/New_York",
        "subscriber": "business",
        "declared_emergency": False,
        "work_number": True,
        "ported_at": None,
        "inconvenient": [{"weekdays": ["mon"], "from": "18:00", "to": "09:30"}],
    },
    "consents": [
        {
            "channel": "any",
            "level": "express_written",
            "automated": True,
            "given_at": "2026-01-01T00:00:00Z",
            "withdrawn_at": None,
            "states_period": False,
            "expires_at": None,
            "evidence": True,
            "source": "own_form",
            "opt_out_offered_at_collection": True,
            "subject": "roof",
            "to_caller": True,
            "agreed_time": False,
        }
    ],
    "relationship": {
        "ongoing_contract": True,
        "contract_ended_at": "2026-01-01T00:00:00Z",
        "last_purchase_at": "2026-01-01T00:00:00Z",
        "last_inquiry_at": "2026-01-01T00:00:00Z",
        "concerns_current_contract": True,
        "existing_debt": False,
    },
    "suppressions": [{"kind": "do_not_call", "channel": "voice", "at": "2026-01-01T00:00:00Z", "campaign": "c"}],
    "registries": [{"registry": "us-national", "obtained_at": "2026-11-01T00:00:00Z", "listed_since": None}],
    "reassigned": {"checked_at": "2026-11-01T00:00:00Z", "result": "no"},
    "history": [
        {
            "at": "2026-11-01T00:00:00Z",
            "channel": "voice",
            "direction": "inbound",
            "mode": "manual",
            "outcome": "conversation",
            "purpose": "research",
            "debt": "d",
            "subject": "s",
            "campaign": "c",
            "amd": True,
        }
    ],
    "debt": "d",
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The whole question with one field written otherwise."""
    data: Any = copy.deepcopy(WHOLE)
    inner = data
    *steps, last = path.split(".")
    for step in steps:
        inner = inner[int(step)] if step.isdigit() else inner[step]
    inner[last] = value
    return dict(data)


def test_every_field_is_read() -> None:
    request = parse_question(WHOLE)
    assert request.at == datetime(2026, 11, 23, 15, tzinfo=UTC)
    assert (request.attempt.mode, request.contact.subscriber) == (Mode.PREDICTIVE, Subscriber.BUSINESS)
    assert (request.contact.region, request.campaign.caller.country) == ("NY", "US")
    (busy,) = request.contact.inconvenient
    assert (busy.weekdays, busy.starts, busy.ends) == (("mon",), time(18), time(9, 30))
    assert request.suppressions[0].scope is SuppressionScope.ALL
    assert request.history[0].amd


def test_what_is_left_out_is_not_known() -> None:
    request = parse_question(
        {
            "at": "2026-11-23T10:00:00Z",
            "attempt": {"channel": "sms"},
            "campaign": {"purpose": "research", "caller": {"kind": "commercial"}},
            "contact": {"number": "+12125550123"},
        }
    )
    assert request.contact.line_type is LineType.UNKNOWN
    assert request.attempt.message is None
    assert (request.consents, request.history, request.registries) == ((), (), ())


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("attempt.chanel", "voice", "attempt.chanel is no field of the question; did you mean 'channel'."),
        ("attempt.channel", "fax", "attempt.channel must be one of voice, sms."),
        ("attempt.mode", "predictiv", "did you mean 'predictive'."),
        ("attempt.ring_timeout_seconds", 0, "must be a whole number of at least 1."),
        ("attempt.ring_timeout_seconds", True, "must be a whole number of at least 1."),
        ("attempt.ring_timeout_seconds", "20", "must be a whole number of at least 1."),
        ("attempt.amd", 1, "attempt.amd must be true or false."),
        ("at", "2026-11-23T10:00:00", "at must be a moment with its UTC offset"),
        ("at", "2026-11-23", "at must be a moment with its UTC offset"),
        ("at", "soon", "at must be a moment as in"),
        ("at", "9999-12-31T23:59:59-05:00", "at lies outside of the years"),
        ("at", 1, "at must be a text."),
        ("contact.number", 12125550123, "contact.number must be a text."),
        ("contact.country", "USA", "contact.country must be a country as two letters"),
        (
            "contact.time_zone",
            "America/Gotham",
            "contact.time_zone is not usable: 'America/Gotham' is not an IANA",
        ),
        ("contact.time_zone", "../etc/passwd", "is not an IANA time zone"),
        ("contact.time_zone", "America", "is not an IANA time zone"),
        ("contact.inconvenient.0.from", "25:00", "contact.inconvenient[0].from must be a time of day"),
        ("contact.inconvenient.0.weekdays", ["monday"], "contact.inconvenient[0].weekdays[0] must be one of mon, tue"),
        ("consents", {}, "consents must be a list."),
        ("consents.0.level", None, "consents[0].level must be one of"),
        ("suppressions.0.at", None, "suppressions[0].at must be a text."),
        ("reassigned.result", "maybe", "reassigned.result must be one of yes, no, no_data."),
        ("relationship", None, "relationship must be an object."),
    ],
)
def test_what_cannot_be_used_is_named(path: str, value: object, sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_question(changed(path, value))
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("container", "field"),
    [
        ("", "at"),
        ("", "attempt"),
        ("", "campaign"),
        ("", "contact"),
        ("attempt", "channel"),
        ("campaign", "purpose"),
        ("campaign", "caller"),
        ("campaign.caller", "kind"),
        ("campaign.abandonment", "abandoned"),
        ("contact", "number"),
        ("consents.0", "given_at"),
        ("suppressions.0", "at"),
        ("registries.0", "obtained_at"),
        ("history.0", "outcome"),
        ("reassigned", "result"),
    ],
)
def test_what_must_be_there_is_asked_for(container: str, field: str) -> None:
    data: Any = copy.deepcopy(WHOLE)
    inner = data
    for step in filter(None, container.split(".")):
        inner = inner[int(step)] if step.isdigit() else inner[step]
    del inner[field]
    with pytest.raises(UserError, match=f"{field} is missing"):
        parse_question(data)


@pytest.mark.parametrize("data", [None, [], "text", 7])
def test_a_question_is_an_object(data: object) -> None:
    with pytest.raises(UserError, match="The question must be an object"):
        parse_question(data)
