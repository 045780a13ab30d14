"""One of a thing is told as one."""

import pytest

from orchestrator.pipeline.text_warnings import a_second, lasting


@pytest.mark.parametrize(
    ("rate", "words"), [(1.0, "one segment a second"), (0.5, "0.5 segments a second"), (30.0, "30 segments a second")]
)
def test_a_rate_of_one_is_a_segment(rate: float, words: str) -> None:
    assert a_second(rate) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "about a second"),
        (1.4, "about a second"),
        (1.6, "about 2 seconds"),
        (119.0, "about 119 seconds"),
        (121.0, "about 2 minutes"),
        (7300.0, "about 2.0 hours"),
    ],
)
def test_how_long_a_campaigns_texts_take(seconds: float, words: str) -> None:
    assert lasting(seconds) == words
