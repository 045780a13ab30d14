"""Series of texts, and texts around calls: each step in its turn, after its wait, so often and no more."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.attempt import Outcome
from orchestrator.domain.campaign import CampaignPlan
from orchestrator.domain.contact_request import Channel
from orchestrator.domain.errors import UserError
from orchestrator.strategies.cadence import Cadence
from orchestrator.strategies.next_step import next_step
from orchestrator.strategies.state import EnrollmentState, Finished, NextStep, PastAttempt, Take, Wait
from orchestrator.strategies.strategy import Strategy
from tests.unit.strategies.builders import CONFIG, CONSENTED_MOBILE, MOBILE, NOW, SMS, a_plan, allow, past

SERIES, AROUND = (
    Strategy.parse((CONFIG / "strategies" / f"{name}.toml").read_text("utf-8"))
    for name in ("text-series", "text-around-calls")
)
CADENCE = Cadence.parse((CONFIG / "cadences.toml").read_text("utf-8"), "series")
MESSAGES = {name: {"en": "Acme Roofing. STOP"} for name in ("reminder", "last_word", "before_call", "missed_call")}
TEXTS = replace(SMS, messages=MESSAGES)


def texted(step: str, ago: timedelta, outcome: Outcome = Outcome.DELIVERED) -> PastAttempt:
    return replace(past(CONSENTED_MOBILE, outcome, ago, Channel.SMS), step=step)


def after(strategy: Strategy, *attempts: PastAttempt, plan: CampaignPlan | None = None) -> NextStep:
    state = EnrollmentState(numbers=(CONSENTED_MOBILE,), attempts=attempts)
    wanted = plan or a_plan(sms=TEXTS, voice=None if strategy is SERIES else a_plan().voice)
    return next_step(state, wanted, strategy, CADENCE, NOW, allow)


def text_of(step: NextStep) -> str | None:
    assert isinstance(step, Take)
    return step.option.message


def test_a_series_goes_on_by_the_second_and_ends() -> None:
    first = after(SERIES)
    assert isinstance(first, Take)
    assert (first.option.step, first.option.message) == ("first text", None)
    almost = texted("first text", timedelta(hours=72) - timedelta(seconds=1))
    waiting = after(SERIES, almost)
    assert isinstance(waiting, Wait)
    assert (waiting.until, waiting.held_by) == (NOW + timedelta(seconds=1), "rest")
    sent = texted("first text", timedelta(hours=72))
    assert text_of(after(SERIES, sent)) == "reminder"
    both = (texted("first text", timedelta(days=20)), texted("reminder", timedelta(days=7)))
    assert text_of(after(SERIES, *both)) == "last_word"
    assert isinstance(after(SERIES, *both, texted("last word", timedelta(days=3))), Finished)


def test_a_step_that_waits_is_not_overtaken_by_those_after_it() -> None:
    sent = texted("first text", timedelta(hours=71))
    assert isinstance(after(SERIES, sent), Wait)


def test_what_the_carrier_never_took_is_no_step() -> None:
    released = texted("first text", timedelta(hours=1), Outcome.CANCELED)
    assert text_of(after(SERIES, replace(released, outcome=Outcome.NEVER_SENT))) is None


def test_a_text_comes_before_the_call_and_after_a_missed_one() -> None:
    assert text_of(after(AROUND)) == "before_call"
    before = texted("text before the call", timedelta(hours=2))
    call = after(AROUND, before)
    assert isinstance(call, Take)
    assert call.option.channel is Channel.VOICE
    missed = replace(past(CONSENTED_MOBILE, Outcome.NO_ANSWER, timedelta(hours=1)), step=call.option.step)
    assert text_of(after(AROUND, before, missed)) == "missed_call"
    assert isinstance(after(AROUND, before, replace(missed, outcome=Outcome.FAILED)), Wait)


def test_without_consent_to_texts_the_call_comes_alone() -> None:
    state = EnrollmentState(numbers=(MOBILE,), attempts=())
    step = next_step(state, a_plan(sms=TEXTS), AROUND, CADENCE, NOW, allow)
    assert isinstance(step, Take)
    assert step.option.channel is Channel.VOICE


def test_a_campaign_writes_every_message_that_its_strategy_sends() -> None:
    SERIES.require_messages(a_plan(sms=TEXTS))
    with pytest.raises(UserError, match=r"sends the message 'reminder' .*sms\.messages\.reminder\.en"):
        SERIES.require_messages(a_plan(sms=SMS))


def test_two_steps_of_one_name_and_a_spoken_message_are_refused() -> None:
    text = (CONFIG / "strategies" / "text-series.toml").read_text("utf-8")
    with pytest.raises(UserError, match="names two steps 'first text'"):
        Strategy.parse(text.replace('"reminder"\nchannel', '"first text"\nchannel'))
    with pytest.raises(UserError, match="must name a message only where its channel is sms"):
        Strategy.parse(text.replace('channel = "sms"', 'channel = "voice"\nmode = "preview"'))


@given(st.lists(st.sampled_from([Outcome.DELIVERED, Outcome.UNDELIVERED, Outcome.SENT, Outcome.LOST]), max_size=6))
def test_no_history_makes_a_series_send_a_text_twice(outcomes: list[Outcome]) -> None:
    taken: list[str | None] = []
    attempts: list[PastAttempt] = []
    for day, outcome in enumerate(outcomes, 1):
        state = EnrollmentState(numbers=(CONSENTED_MOBILE,), attempts=tuple(attempts))
        step = next_step(state, a_plan(sms=TEXTS, voice=None), SERIES, CADENCE, NOW + timedelta(days=30 * day), allow)
        if isinstance(step, Take):
            taken.append(step.option.step)
            attempts.append(replace(texted(str(step.option.step), timedelta(days=-30 * day)), outcome=outcome))
    assert len(taken) == len(set(taken))
