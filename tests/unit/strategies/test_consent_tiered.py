"""Landlines first, machines only with consent, and a person's no is the end."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from orchestrator.domain.attempt import Outcome
from orchestrator.domain.campaign import AttemptsPlan
from orchestrator.domain.contact_request import Channel, ConsentChannel, ConsentFacts, ConsentLevel, LineType, Mode
from orchestrator.domain.decision import Answer, Cure
from orchestrator.domain.enrollment import DoneReason, Lane
from orchestrator.strategies.next_step import PROMISING
from orchestrator.strategies.state import Blocked, Finished, Option, Take, Wait
from tests.unit.strategies.builders import (
    CONSENTED_MOBILE,
    LANDLINE,
    MOBILE,
    NOW,
    TIERED,
    VOICE,
    WRITTEN,
    a_number,
    a_plan,
    allow,
    answers,
    hold,
    past,
    refuse,
    step,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def taken(met: object) -> tuple[str, Channel, Mode | None]:
    assert isinstance(met, Take), met
    return met.option.number, met.option.channel, met.option.mode


def test_a_landline_comes_first_and_is_dialled_predictively() -> None:
    assert taken(step([MOBILE, LANDLINE])) == (LANDLINE.number, Channel.VOICE, Mode.PREDICTIVE)


@pytest.mark.parametrize("mode", [Mode.PREVIEW, Mode.PROGRESSIVE])
def test_a_mobile_without_consent_is_called_as_the_campaign_chooses(mode: Mode) -> None:
    plan = a_plan(voice=replace(VOICE, mobile_without_consent=mode))
    assert taken(step([MOBILE], plan=plan)) == (MOBILE.number, Channel.VOICE, mode)


@pytest.mark.parametrize("line_type", [LineType.MOBILE, LineType.VOIP, LineType.UNKNOWN, LineType.TOLL_FREE])
def test_with_proven_consent_a_mobile_is_dialled_predictively(line_type: LineType) -> None:
    assert taken(step([a_number(line_type, WRITTEN)]))[2] is Mode.PREDICTIVE


@pytest.mark.parametrize(
    "flaw",
    [
        {"evidence": False},
        {"automated": False},
        {"to_caller": False},
        {"withdrawn_at": NOW - DAY},
        {"expires_at": NOW},
        {"given_at": NOW + timedelta(seconds=1)},
        {"channel": ConsentChannel.SMS},
        {"level": ConsentLevel.IMPLIED},
        {"level": ConsentLevel.SOFT_OPT_IN},
    ],
)
@pytest.mark.parametrize("line_type", [LineType.MOBILE, LineType.VOIP, LineType.UNKNOWN])
def test_a_flawed_consent_never_starts_a_machine(line_type: LineType, flaw: dict[str, object]) -> None:
    number = a_number(line_type, replace(WRITTEN, **flaw))  # type: ignore[arg-type]
    assert taken(step([number]))[2] is Mode.PREVIEW


@pytest.mark.parametrize(
    ("expires_at", "mode"), [(NOW, Mode.PREVIEW), (NOW + timedelta(microseconds=1), Mode.PREDICTIVE)]
)
def test_a_consent_ends_at_its_very_moment(expires_at: datetime, mode: Mode) -> None:
    assert taken(step([a_number(LineType.MOBILE, replace(WRITTEN, expires_at=expires_at))]))[2] is mode


def test_a_text_needs_consent_to_texts() -> None:
    plan = a_plan(voice=None)
    assert taken(step([MOBILE, CONSENTED_MOBILE], plan=plan)) == (CONSENTED_MOBILE.number, Channel.SMS, None)


def test_without_consent_to_texts_a_text_campaign_waits_for_it() -> None:
    met = step([MOBILE], plan=a_plan(voice=None))
    assert isinstance(met, Blocked)
    assert (met.cure, met.cure_detail, met.lane, met.asked) == (Cure.CONSENT, "sms", Lane.SMS, ())


def test_a_text_campaign_does_not_wait_for_consent_of_a_landline() -> None:
    assert step([LANDLINE], plan=a_plan(voice=None)) == Finished(reason=DoneReason.EXHAUSTED)


def test_a_refused_number_passes_on_to_the_next() -> None:
    met = step([LANDLINE, MOBILE], ask=answers({LANDLINE: refuse(Cure.REGISTRY)}))
    assert taken(met)[0] == MOBILE.number
    assert isinstance(met, Take)
    assert [option.number for option, _ in met.asked] == [LANDLINE.number, MOBILE.number]


def test_a_short_hold_is_waited_out() -> None:
    met = step([LANDLINE, MOBILE], ask=answers({LANDLINE: hold(NOW + 14 * HOUR)}))
    assert isinstance(met, Wait)
    assert (met.until, met.held_by, met.lane) == (NOW + 14 * HOUR, "us.hours", Lane.PREDICTIVE)
    assert len(met.asked) == 1


def test_a_hold_longer_than_the_patience_passes_on() -> None:
    met = step([LANDLINE, MOBILE], ask=answers({LANDLINE: hold(NOW + 14 * HOUR + timedelta(seconds=1))}))
    assert taken(met)[0] == MOBILE.number


def test_where_everything_is_held_the_earliest_counts() -> None:
    held = answers({LANDLINE: hold(NOW + 3 * DAY), MOBILE: hold(NOW + 2 * DAY, "us-fl.cap")})
    met = step([LANDLINE, MOBILE], ask=held)
    assert isinstance(met, Wait)
    assert (met.until, met.held_by, met.lane) == (NOW + 2 * DAY, "us-fl.cap", Lane.PREVIEW)


def test_a_hold_outweighs_a_refusal() -> None:
    met = step([LANDLINE, MOBILE], ask=answers({LANDLINE: hold(NOW + 3 * DAY), MOBILE: refuse(Cure.NONE)}))
    assert isinstance(met, Wait)


def test_the_most_promising_cure_is_named() -> None:
    asked = answers({LANDLINE: refuse(Cure.CONSENT), MOBILE: refuse(Cure.REGISTRY, detail="us-national")})
    met = step([LANDLINE, MOBILE], ask=asked)
    assert isinstance(met, Blocked)
    assert (met.rule, met.cure, met.cure_detail) == ("needs-registry", Cure.REGISTRY, "us-national")
    assert met.lane is Lane.PREVIEW


def test_of_one_number_the_fact_that_comes_last_is_named() -> None:
    met = step([LANDLINE], ask=answers({LANDLINE: refuse(Cure.REGISTRY, Cure.CONSENT)}))
    assert isinstance(met, Blocked)
    assert met.cure is Cure.CONSENT


def test_every_cure_has_its_place() -> None:
    assert set(PROMISING) == set(Cure) - {Cure.NONE}


def test_a_persons_no_is_the_end() -> None:
    met = step([LANDLINE, MOBILE], ask=lambda _option: refuse(Cure.REGISTRY, Cure.NONE))
    assert isinstance(met, Finished)
    assert (met.reason, len(met.asked)) == (DoneReason.SUPPRESSED, 2)


def test_a_no_for_one_number_leaves_the_cure_of_another() -> None:
    met = step([LANDLINE, MOBILE], ask=answers({LANDLINE: refuse(Cure.NONE), MOBILE: refuse(Cure.CONSENT)}))
    assert isinstance(met, Blocked)


@pytest.mark.parametrize("numbers", [[], [a_number(LineType.MOBILE, dead=True)]])
def test_without_a_living_number_there_is_nothing_to_try(numbers: list[object]) -> None:
    assert step(numbers) == Finished(reason=DoneReason.NO_NUMBER)  # type: ignore[arg-type]


@pytest.mark.parametrize(("outcome", "reason"), [(Outcome.REACHED, DoneReason.REACHED)])
def test_whoever_was_reached_is_left_alone(outcome: Outcome, reason: DoneReason) -> None:
    assert step([LANDLINE, MOBILE], past(MOBILE, outcome, 90 * DAY)) == Finished(reason=reason)


def test_an_unanswered_landline_rests_and_the_mobile_is_called() -> None:
    assert taken(step([LANDLINE, MOBILE], past(LANDLINE, Outcome.NO_ANSWER, HOUR)))[0] == MOBILE.number


def test_a_busy_landline_is_waited_for_and_the_gate_is_not_asked() -> None:
    met = step([LANDLINE, MOBILE], past(LANDLINE, Outcome.BUSY, timedelta(minutes=10)))
    assert isinstance(met, Wait)
    assert (met.until, met.held_by, met.asked) == (NOW + timedelta(minutes=20), "rest", ())


def test_a_person_rests_between_two_numbers() -> None:
    met = step([LANDLINE, MOBILE], past(LANDLINE, Outcome.NO_ANSWER, timedelta(minutes=29)))
    assert isinstance(met, Wait)
    assert (met.until, met.held_by) == (NOW + timedelta(minutes=1), "rest")


def test_the_campaign_lowers_the_attempts_on_a_number() -> None:
    plan = a_plan(attempts=AttemptsPlan(per_number=1))
    assert taken(step([LANDLINE, MOBILE], past(LANDLINE, Outcome.NO_ANSWER, 9 * DAY), plan=plan))[0] == MOBILE.number


def test_the_campaign_never_raises_the_attempts_on_a_number() -> None:
    plan = a_plan(attempts=AttemptsPlan(per_number=50, per_contact=50))
    tried = [past(LANDLINE, Outcome.NO_ANSWER, day * DAY) for day in (10, 20, 30, 40)]
    assert step([LANDLINE], *tried, plan=plan) == Finished(reason=DoneReason.EXHAUSTED)


def test_a_person_is_left_alone_after_so_many_attempts_over_all_numbers() -> None:
    numbers = [a_number(LineType.LANDLINE, position=position) for position in range(1, 9)]
    tried = [past(number, Outcome.NO_ANSWER, 10 * DAY) for number in numbers[:7]]
    assert isinstance(step(numbers, *tried[:6]), Take)
    assert step(numbers, *tried) == Finished(reason=DoneReason.EXHAUSTED)


def test_what_rang_nobody_uses_up_nothing() -> None:
    tried = [past(LANDLINE, Outcome.NEVER_SENT, day * DAY) for day in range(1, 20)]
    assert taken(step([LANDLINE], *tried))[0] == LANDLINE.number


@pytest.mark.parametrize("outcome", [Outcome.FAX, Outcome.NOT_IN_SERVICE, Outcome.REFUSED])
def test_some_outcomes_end_a_number(outcome: Outcome) -> None:
    assert step([LANDLINE], past(LANDLINE, outcome, 90 * DAY)) == Finished(reason=DoneReason.EXHAUSTED)


def test_texts_are_counted_apart_from_calls() -> None:
    tried = [past(CONSENTED_MOBILE, Outcome.NO_ANSWER, day * DAY) for day in (10, 20, 30, 40)]
    assert taken(step([CONSENTED_MOBILE], *tried)) == (CONSENTED_MOBILE.number, Channel.SMS, None)


def test_campaign_hours_narrow_the_day() -> None:
    plan = a_plan(hours={"mon": ((time(13), time(15)),)})
    met = step([LANDLINE], plan=plan)
    assert isinstance(met, Wait)
    assert (met.until, met.held_by, met.asked) == (NOW + HOUR, "campaign-hours", ())


def test_campaign_hours_widen_nothing() -> None:
    plan = a_plan(hours={"mon": ((time(0), time(23, 59)),)})
    assert isinstance(step([LANDLINE], plan=plan, ask=lambda _option: hold(NOW + HOUR)), Wait)


def test_campaign_hours_must_be_open_wherever_the_person_may_be() -> None:
    plan = a_plan(hours={"mon": ((time(10), time(17)),)})
    met = step([LANDLINE], plan=plan, zones=("America/New_York", "America/Los_Angeles"))
    assert isinstance(met, Wait)
    assert met.until == datetime(2026, 3, 2, 18, tzinfo=UTC)


def test_hours_that_no_moment_satisfies_block_the_person_for_the_campaign_to_mend() -> None:
    plan = a_plan(hours={"mon": ((time(10), time(11)),)})
    met = step([LANDLINE], plan=plan, zones=("America/New_York", "America/Los_Angeles"))
    assert isinstance(met, Blocked)
    assert (met.cure, met.cure_detail) == (Cure.CAMPAIGN, "hours")


def test_without_a_zone_of_ours_the_gates_zones_bind_the_campaign_hours() -> None:
    plan = a_plan(hours={"mon": ((time(13), time(15)),)})
    met = step([LANDLINE], plan=plan, zones=())
    assert isinstance(met, Wait)
    assert (met.until, met.held_by, len(met.asked)) == (NOW + HOUR, "campaign-hours", 1)


def test_where_nobody_knows_a_zone_campaign_hours_allow_nothing() -> None:
    def without_zones(option: Option) -> Answer:
        return replace(allow(option), time_zones=())

    met = step([LANDLINE], plan=a_plan(hours={"mon": ((time(0), time(23, 59)),)}), zones=(), ask=without_zones)
    assert isinstance(met, Wait)


@pytest.mark.parametrize(("starts_in", "kind"), [(timedelta(0), Take), (timedelta(seconds=1), Wait)])
def test_nothing_happens_before_the_start(starts_in: timedelta, kind: type) -> None:
    assert isinstance(step([LANDLINE], plan=a_plan(starts_at=NOW + starts_in)), kind)


@pytest.mark.parametrize(("ends_in", "kind"), [(timedelta(seconds=1), Take), (timedelta(0), Finished)])
def test_nothing_happens_from_the_end_on(ends_in: timedelta, kind: type) -> None:
    assert isinstance(step([LANDLINE], plan=a_plan(ends_at=NOW + ends_in)), kind)


def test_a_new_enrollment_waits_in_the_lane_of_the_first_step() -> None:
    assert TIERED.first_lane(a_plan()) is Lane.PREDICTIVE
    assert TIERED.first_lane(a_plan(voice=None)) is Lane.SMS


def test_an_oral_consent_to_texts_is_asked_about_and_the_gate_decides() -> None:
    oral = ConsentFacts(channel=ConsentChannel.SMS, level=ConsentLevel.ORAL, given_at=NOW - DAY, evidence=True)
    assert taken(step([a_number(LineType.MOBILE, oral)], plan=a_plan(voice=None)))[1] is Channel.SMS
