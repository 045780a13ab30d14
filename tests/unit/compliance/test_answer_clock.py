"""By when a regime wants an agent on the line, and since when it counts."""

from datetime import UTC, datetime, timedelta

import pytest

from orchestrator.compliance.abandonment_clock import AnswerClock, answer_clock
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.errors import UserError
from orchestrator.law import rule_files
from orchestrator.settings import config_dir
from tests.world import files_of

PICKED_UP = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
LAW = Rulebook.parse(rule_files(config_dir()))
REGIME = """
[[abandonment]]
id = "test.regime-{at}"
applies = {{ jurisdiction = "US", channel = "voice", mode = "predictive", purpose = "telemarketing" }}
class = "law"
citation = "tests"
source = "tests"
effective = 2000-01-01
verified = {{ on = 2026-11-21, how = "read" }}
max_percent = 3
window = "day"
{says}
"""


def after(seconds: float) -> datetime:
    return PICKED_UP + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("country", "counted_from"),
    [("US", "greeting-end"), ("GB", "pick-up"), ("CA", "pick-up"), ("FR", "pick-up"), ("XX", "pick-up")],
)
def test_each_regime_counts_two_seconds_from_its_own_moment(country: str, counted_from: str) -> None:
    assert answer_clock(LAW, country) == AnswerClock(within_seconds=2, counted_from=counted_from)


@pytest.mark.parametrize(
    ("counted_from", "greeting_end_at", "spent_at"),
    [
        ("pick-up", None, after(2)),
        ("pick-up", after(1.5), after(2)),
        ("greeting-end", after(1.5), after(3.5)),
        ("greeting-end", None, after(2)),
        ("greeting-end", after(-1), after(2)),
    ],
)
def test_an_unknown_greeting_is_judged_from_the_pick_up(
    counted_from: str, greeting_end_at: datetime | None, spent_at: datetime
) -> None:
    assert AnswerClock(counted_from=counted_from).spent_at(PICKED_UP, greeting_end_at) == spent_at


def test_of_several_rules_of_a_country_the_strictest_counts() -> None:
    patient, quick = 'counted_from = "greeting-end"\nwithin_seconds = 3', "within_seconds = 4"
    book = Rulebook.parse(files_of(REGIME.format(at=1, says=patient) + REGIME.format(at=2, says=quick)))
    assert answer_clock(book, "US") == AnswerClock(within_seconds=3, counted_from="pick-up")


def test_a_moment_that_no_regime_counts_from_is_refused() -> None:
    with pytest.raises(UserError, match="'counted_from': 'ringing' is none of pick-up, greeting-end"):
        Rulebook.parse(files_of(REGIME.format(at=1, says='counted_from = "ringing"')))
