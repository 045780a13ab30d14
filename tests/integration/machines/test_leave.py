"""Leave for a message under the law as it ships: a recording is a mode of its own, and its words are looked at."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from orchestrator.config_files import load_cadences, load_strategies
from orchestrator.domain.campaign import CampaignState, Seller, Voicemail
from orchestrator.domain.decision import Verdict
from orchestrator.pipeline.abandonment import Exposure
from orchestrator.pipeline.asking import Desk
from orchestrator.pipeline.closing import Closings
from orchestrator.pipeline.engine import LiveCampaign
from orchestrator.pipeline.halts import Halts
from orchestrator.pipeline.machine_leave import leave_for
from orchestrator.pipeline.planning import MessageLeave
from tests.rules.questions import RULEBOOK, question
from tests.world import CALLER_ID, CONFIG, a_plan

GOOD = "This is Acme Roofing. Call +1 212 555 0100 to hear more, or to stop our calls."
NAMELESS = "We called about your roof. Call +1 212 555 0100 to hear more, or to stop our calls."
NO_WAY_OUT = "This is Acme Roofing. Call +1 212 555 0100 to hear more."
NO_NUMBER = "This is Acme Roofing. Say stop, and we will."
WRITTEN = {"channel": "voice", "level": "express_written", "automated": True, "given_at": "@-30d", "evidence": True}
BY_HAND_ALONE = {**WRITTEN, "automated": False}
NEW_YORK, LONDON = "2026-12-01T11:00:00-05:00", "2026-12-01T11:00:00+00:00"


def asked(base: str, at: str, text: str = GOOD, consents: Any = ()) -> MessageLeave:
    """Leave for a message beside a predictive call that detects machines."""
    call = question(base, at, {"attempt.mode": "predictive", "attempt.amd": True, "consents": list(consents)})
    plan = a_plan("Spring", voice=True, sms=False)
    assert plan.voice is not None
    campaign = LiveCampaign(
        id=1,
        seller=Seller(id="acme", name="Acme Roofing", country="US", callback_number=CALLER_ID),
        plan=replace(plan, voice=replace(plan.voice, voicemail=Voicemail(text=text))),
        state=CampaignState.RUNNING,
        launched_at=call.at,
        canary_left=None,
        strategy=load_strategies(CONFIG)[plan.strategy],
        cadence=load_cadences(CONFIG)["default"],
    )
    desk = Desk(
        campaign=campaign,
        rulebook=RULEBOOK,
        registries={},
        abandonment=lambda _country: Exposure(),
        halts=Halts(),
        now=call.at,
    )
    found = leave_for(desk, Closings(RULEBOOK), call)
    assert found is not None
    assert (found.valid_until is None) == (found.answer.verdict is not Verdict.ALLOW)
    return found


@pytest.mark.parametrize(
    ("base", "at", "consents", "rule"),
    [
        ("us", NEW_YORK, [WRITTEN], None),
        ("us", NEW_YORK, [BY_HAND_ALONE], "us.fcc.residential-recorded-sales"),
        ("us", NEW_YORK, [], "us.fcc.residential-recorded-sales"),
        ("gb", LONDON, [WRITTEN], None),
        ("gb", LONDON, [BY_HAND_ALONE], "gb.pecr.recorded"),
        ("gb", LONDON, [], "gb.pecr.recorded"),
    ],
)
def test_a_sales_message_needs_consent_to_automated_calls(base: str, at: str, consents: Any, rule: str | None) -> None:
    refusing = {one.rule for one in asked(base, at, consents=consents).answer.rules if one.verdict is Verdict.REFUSE}
    assert refusing == ({rule} if rule else set())


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (NAMELESS, "us.fcc.recorded-identity"),
        (NO_WAY_OUT, "us.fcc.recorded-opt-out"),
        (NO_NUMBER, "us.fcc.recorded-opt-out"),
    ],
)
def test_words_that_do_not_say_who_calls_or_how_to_opt_out_are_not_left(text: str, rule: str) -> None:
    found = asked("us", NEW_YORK, text, [WRITTEN])
    assert [one.rule for one in found.answer.rules] == [rule]


def test_leave_ends_when_the_window_does() -> None:
    found = asked("us", "2026-12-01T20:00:00-05:00", consents=[WRITTEN])
    assert found.valid_until == found.question.at + timedelta(hours=1)
