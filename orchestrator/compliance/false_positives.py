"""People taken for machines, by a stated estimate: a test is its ground, else the strictest reading."""

from dataclasses import dataclass
from datetime import date
from math import ceil


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionTest:
    """Somebody listened to ``sample`` calls that the detection took for machines; ``people`` of them were people."""

    sample: int
    people: int
    tested_on: date
    amd: str  # the detection's setting that was tested


def estimated(taken_for_machines: int, test: DetectionTest | None) -> int:
    """People among the calls taken for machines, rounded up; without a test all of them.

    One person more than the test found is assumed, so that a small test does not prove that there are none.
    """
    if test is None:
        return taken_for_machines
    return min(taken_for_machines, ceil(taken_for_machines * (test.people + 1) / (test.sample + 1)))


def ground(test: DetectionTest | None) -> str:
    """What the estimate rests on, in one sentence."""
    if test is None:
        return (
            "No test of the detection is recorded, so every call that it took for a machine counts as a person lost; "
            "record one with `orchestrator detection record`."
        )
    return (
        f"People taken for machines are estimated by the test of {test.tested_on:%Y-%m-%d} ({test.amd}): "
        f"{test.people} of {test.sample} calls, and one more is assumed."
    )
