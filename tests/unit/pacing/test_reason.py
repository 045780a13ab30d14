"""A pacer's reason reads as a sentence."""

from dataclasses import replace

import pytest

from orchestrator.pacing.reason import PacingReason

REASON = PacingReason(
    calls=2, ready=5, ringing=3, detecting=0, waiting=0, risk=0.4, allowed=0.9, tokens=12.34, limit="the agents"
)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "2 calls: 5 agents ready, 3 ringing, risk 0.4 of 0.9, 12.3 may be lost; limited by the agents"),
        (
            {"calls": 1, "ready": 1},
            "1 call: 1 agent ready, 3 ringing, risk 0.4 of 0.9, 12.3 may be lost; limited by the agents",
        ),
        ({"limit": ""}, "2 calls: 5 agents ready, 3 ringing, risk 0.4 of 0.9, 12.3 may be lost"),
        ({"risk": None, "limit": ""}, "2 calls: 5 agents ready, 3 ringing, 12.3 may be lost"),
        (
            {"detecting": 4, "waiting": 1, "allowed": None, "tokens": -0.25, "limit": ""},
            "2 calls: 5 agents ready, 3 ringing, 4 detecting, 1 waiting, -0.2 may be lost",
        ),
    ],
)
def test_a_reason_in_words(changes: dict[str, object], words: str) -> None:
    assert replace(REASON, **changes).words() == words  # type: ignore[arg-type]
