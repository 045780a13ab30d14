"""Strategy and cadence files that are wrong are refused in one sentence."""

import pytest

from orchestrator.domain.attempt import Outcome
from orchestrator.domain.errors import UserError
from orchestrator.strategies.cadence import Cadence
from orchestrator.strategies.strategy import Strategy
from tests.unit.strategies.builders import CONFIG, SMS, a_plan

STEP = """
name = "mine"
[[step]]
name = "calls"
channel = "voice"
line_types = ["landline"]
mode = "predictive"
patience_hours = 2
"""
CADENCES = (CONFIG / "cadences.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ('["landline"]', '["landline", "mobile"]', "must ask for automated_consent = true where predictive calls go"),
        ("patience_hours", "patience_days", "'step.1.patience_days' is no known field; did you mean 'patience_hours'?"),
        ("patience_hours = 2", "", "either patience_hours or patience_seconds"),
        ('mode = "predictive"', "", "must say a mode where its channel is voice"),
        ('mode = "predictive"', 'mode = "prerecorded"', "'step.1.mode' must be 'predictive', 'progressive', 'preview'"),
        ('"landline"', '"landlines"', "'step.1.line_types.1' must be 'landline', 'mobile'"),
    ],
)
def test_a_wrong_strategy_file_is_refused(written: str, instead: str, said: str) -> None:
    assert written in STEP
    with pytest.raises(UserError) as error:
        Strategy.parse(STEP.replace(written, instead))
    assert said in str(error.value)


def test_a_strategy_without_a_step_for_the_campaigns_channels_is_refused() -> None:
    with pytest.raises(UserError, match="Strategy 'mine' has no step for the channels of campaign 'Spring'"):
        Strategy.parse(STEP).first_lane(a_plan(voice=None, sms=SMS))


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ("busy = [0.5, 2, 20]", "", "must give 'busy' either a rest or a place among the final outcomes"),
        ("busy = [0.5, 2, 20]", "busy = []", "'rests.busy' must name at least 1"),
        ("busy = [0.5, 2, 20]", "bussy = [0.5]", "must be 'reached'"),
        ("busy = [0.5, 2, 20]", "busy = [-1]", "must be at least 0"),
        ('unit = "hours"', 'unit = "days"', "'unit' must be 'hours' or 'minutes', not 'days'"),
        ("sms = 2", "sms = 0", "'per_number.sms' must be at least 1"),
    ],
)
def test_a_wrong_cadence_is_refused(written: str, instead: str, said: str) -> None:
    assert written in CADENCES
    with pytest.raises(UserError) as error:
        Cadence.parse(CADENCES.replace(written, instead, 1))
    assert said in str(error.value)


def test_an_unknown_cadence_names_the_nearest() -> None:
    with pytest.raises(UserError, match="no cadence 'defualt'; did you mean 'default'"):
        Cadence.parse(CADENCES, "defualt")


def test_every_outcome_has_its_rest_or_its_end_in_every_cadence() -> None:
    every = Cadence.parse_all(CADENCES)
    assert {"default", "demo"} <= set(every)
    for cadence in every.values():
        assert set(cadence.rests) | cadence.final == set(Outcome)
