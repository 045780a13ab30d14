"""What detection lets us guess of a greeting."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orchestrator.domain.carrier import AnsweredBy
from orchestrator.pipeline.estimates import estimates

PICKED_UP = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return PICKED_UP + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("detection_seconds", "heard_at", "greeting_end_at"),
    [
        (3.2, after(3.4), after(2)),  # the carrier's own word, not when it reached us
        (None, after(3.2), after(2)),
        (0.4, after(0.5), PICKED_UP),  # never before the answer
    ],
)
def test_a_person_ended_a_known_silence_before_the_verdict(
    detection_seconds: float | None, heard_at: datetime, greeting_end_at: datetime
) -> None:
    guessed = estimates(PICKED_UP, AnsweredBy.HUMAN, detection_seconds, heard_at)
    wanted: dict[str, Any] = {"speech_start_at": PICKED_UP, "estimates_from": "detection"}
    assert guessed == wanted | {"greeting_end_at": greeting_end_at}


@pytest.mark.parametrize("said", [None, AnsweredBy.UNKNOWN, AnsweredBy.MACHINE, AnsweredBy.FAX])
def test_without_a_verdict_of_a_person_nothing_is_guessed(said: AnsweredBy | None) -> None:
    assert estimates(PICKED_UP, said, 3.2, after(3.4)) == {}
