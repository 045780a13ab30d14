"""The abandonment budget in calls."""

import pytest

from orchestrator.domain.contact_request import AbandonmentCounts
from orchestrator.pacing.budget import remaining


@pytest.mark.parametrize(
    ("live", "abandoned", "limit", "tokens"),
    [
        (0, 0, 0.03, 0.0),
        (1000, 0, 0.03, 29.7),
        (1000, 29, 0.03, 0.7),
        (1000, 30, 0.03, -0.3),
        (1000, 30, 0.05, 19.5),
        (1000, 0, 0.0, 0.0),
    ],
)
def test_so_many_calls_may_still_be_lost(live: int, abandoned: int, limit: float, tokens: float) -> None:
    counts = AbandonmentCounts(live_answered=live, abandoned=abandoned)
    assert remaining(counts, limit) == pytest.approx(tokens)


def test_people_taken_for_machines_count_where_the_regime_says_so() -> None:
    counts = AbandonmentCounts(live_answered=1000, abandoned=10, amd_false_positives_estimated=10)
    assert remaining(counts, 0.03) == pytest.approx(19.7)
    assert remaining(counts, 0.03, counts_false_positives=True) == pytest.approx(0.0297 * 1010 - 20)
