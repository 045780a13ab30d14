"""People taken for machines, by an estimate that a small test never makes too low."""

from datetime import date

import pytest

from orchestrator.compliance.false_positives import DetectionTest, estimated, ground


@pytest.mark.parametrize(
    ("taken", "sample", "people", "estimate"),
    [(0, 500, 4, 0), (1, 500, 4, 1), (100, 499, 4, 1), (101, 499, 4, 2), (1000, 99, 0, 10), (10, 1, 1, 10)],
)
def test_one_person_more_than_the_test_found_is_assumed(taken: int, sample: int, people: int, estimate: int) -> None:
    assert estimated(taken, a_test(sample, people)) == estimate


def test_without_a_test_everyone_taken_for_a_machine_was_a_person() -> None:
    assert estimated(17, None) == 17


def test_the_ground_names_the_test_or_its_absence() -> None:
    assert ground(a_test(500, 4)).endswith("2026-11-20 (off): 4 of 500 calls, and one more is assumed.")
    assert ground(None).startswith("No test of the detection is recorded")


def a_test(sample: int, people: int) -> DetectionTest:
    return DetectionTest(sample=sample, people=people, tested_on=date(2026, 11, 20), amd="off")
