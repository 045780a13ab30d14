"""The law as it ships, asked about a confirmation: the person has just asked for it, whatever the hour."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from orchestrator.compliance.gate import decide
from orchestrator.domain.campaign import Seller
from orchestrator.domain.contact_request import (
    ConsentChannel,
    ContactRequest,
    LineType,
    SuppressionFacts,
    SuppressionKind,
)
from orchestrator.domain.decision import Verdict
from orchestrator.pipeline.opt_ins.question import question_for
from tests.rules.questions import RULEBOOK

ASKED = datetime(2026, 12, 6, 3, 30, tzinfo=UTC)  # Sunday, half past three at night in London


def asked_for(number: str, *stops: SuppressionFacts, now: datetime = ASKED) -> ContactRequest:
    row: Any = SimpleNamespace(
        id=uuid4(), requested_at=ASKED, expires_at=ASKED + timedelta(hours=72), source="form", country="US"
    )
    seller = Seller(id="acme", name="Acme Roofing", country="US", callback_number="+12125550100")
    return question_for(row, number, seller, 1, LineType.MOBILE, stops, (), now)


@pytest.mark.parametrize(
    "number",
    ["+12125550123", "+13055550123", "+14165550123", "+442079460018", "+33199005678", "+493023125123", "+61491570123"],
)
def test_whoever_asks_at_night_is_answered_at_night(number: str) -> None:
    assert decide(asked_for(number), RULEBOOK).verdict is Verdict.ALLOW


@pytest.mark.parametrize(
    ("kind", "said", "verdict"),
    [
        (SuppressionKind.STOP_REPLY, timedelta(days=-1), Verdict.ALLOW),
        (SuppressionKind.DO_NOT_CALL, timedelta(days=-1), Verdict.ALLOW),
        (SuppressionKind.ERASED, timedelta(days=-1), Verdict.ALLOW),
        (SuppressionKind.STOP_REPLY, timedelta(minutes=1), Verdict.REFUSE),
        (SuppressionKind.RESTRICTION, timedelta(days=-1), Verdict.REFUSE),
        (SuppressionKind.CEASE_REQUEST, timedelta(days=-1), Verdict.REFUSE),
    ],
)
def test_a_request_answers_an_older_stop_and_no_younger_one(
    kind: SuppressionKind, said: timedelta, verdict: Verdict
) -> None:
    stop = SuppressionFacts(kind=kind, channel=ConsentChannel.ANY, at=ASKED + said)
    question = asked_for("+12125550123", stop, now=ASKED + timedelta(minutes=2))
    assert decide(question, RULEBOOK).verdict is verdict


def test_the_request_is_good_for_three_days_and_a_confirmation_alone() -> None:
    late = asked_for("+12125550123", now=ASKED + timedelta(hours=72))
    stopped = SuppressionFacts(kind=SuppressionKind.STOP_REPLY, at=ASKED - timedelta(days=1))
    assert decide(asked_for("+12125550123", stopped, now=late.at), RULEBOOK).verdict is Verdict.REFUSE
