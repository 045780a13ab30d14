"""However often anybody looks, each thing that happened to a call is told once, with its own seconds."""

from collections import Counter
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from orchestrator.pacing.sighting import CallSeen, happened, own_span, ready_before, wrap_ups
from orchestrator.pacing.snapshot import PacingEvent

START = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
DIALLED = CallSeen(dialled_at=START)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


ANSWERED = replace(DIALLED, answered_at=at(8))
JOINED = replace(ANSWERED, connected_at=at(8.5), agent_id="kim")
MET = [("answered", 8.0, 0.0), ("human", 8.0, 0.5), ("connected", 12.0, 0.0)]
TALKED = replace(JOINED, ended_at=at(98.5), outcome="reached")


@pytest.mark.parametrize(
    ("call", "events"),
    [
        (DIALLED, []),
        (ANSWERED, [("answered", 8, 0)]),
        (replace(ANSWERED, waiting_since=at(11)), [("answered", 8, 0), ("human", 8, 3)]),
        (JOINED, MET),
        (TALKED, [*MET, ("talk_end", 90, 0)]),
        (
            replace(TALKED, marked_machine=True),
            [
                ("answered", 8, 0),
                ("human", 8, 0.5),
                ("connected", 12, 0),
                ("talk_end", 90, 0),
                ("machine_disposition", 0, 0),
            ],
        ),
        (
            replace(JOINED, answered_by="machine"),
            [*MET, ("machine_disposition", 0, 0)],
        ),
        (
            replace(ANSWERED, waiting_since=at(9), abandoned_at=at(11)),
            [("answered", 8, 0), ("human", 8, 1), ("abandoned", 2, 0)],
        ),
        (replace(ANSWERED, abandoned_at=at(9)), [("answered", 8, 0), ("human", 8, 1), ("abandoned", 1, 0)]),
        (replace(ANSWERED, answered_by="machine"), [("answered", 8, 0), ("machine", 8, 12)]),
        (
            replace(ANSWERED, answered_by="machine", ended_at=at(12), outcome="machine"),
            [("answered", 8, 0), ("machine", 8, 4)],
        ),
        (replace(ANSWERED, ended_at=at(9), outcome="hung_up"), [("answered", 8, 0), ("human", 8, 1)]),
        (replace(DIALLED, ended_at=at(25), outcome="no_answer"), [("no_answer", 25, 0)]),
        (replace(DIALLED, ended_at=at(5), outcome="busy"), [("no_answer", 5, 0)]),
        (replace(DIALLED, ended_at=at(1), outcome="not_in_service"), [("failed", 1, 0)]),
        (replace(DIALLED, ended_at=at(1), outcome="refused"), [("failed", 1, 0)]),
        (replace(DIALLED, ended_at=at(1), outcome="canceled"), []),
    ],
)
def test_what_a_call_tells(call: CallSeen, events: list[tuple[str, float, float]]) -> None:
    told = happened(None, call, at(20), 12.0)
    assert [(event.kind, event.value, event.value2) for event in told] == events


@given(
    looks=some.lists(some.integers(0, 4), max_size=8),
    end=some.sampled_from([TALKED, replace(TALKED, marked_machine=True)]),
)
def test_all_looks_together_tell_each_thing_once(looks: list[int], end: CallSeen) -> None:
    """A look may see the call at any stage on its way; none is missed and none told twice."""
    stages = [DIALLED, ANSWERED, JOINED, TALKED, end]
    seen: CallSeen | None = None
    told: list[PacingEvent] = []
    for stage in [*sorted(looks), 4]:
        told += happened(seen, stages[stage], at(200), 12.0)
        seen = stages[stage]
    assert Counter(told) == Counter(happened(None, end, at(200), 12.0))


def test_a_call_that_nobody_has_looked_at_twice_is_no_news() -> None:
    assert happened(TALKED, TALKED, at(300)) == []
    assert {field.name for field in fields(CallSeen)} >= {"marked_machine", "waiting_since"}


TRAIL = [("talking", at(0)), ("wrapping", at(90)), ("ready", at(105)), ("connecting", at(117)), ("talking", at(117))]


def test_a_wrap_up_is_told_with_its_own_length() -> None:
    assert wrap_ups(TRAIL) == [PacingEvent("wrap_end", 15.0)]
    assert wrap_ups(TRAIL[:2]) == []


def test_readiness_is_measured_up_to_the_claim() -> None:
    assert ready_before(TRAIL, at(117)) == 12.0
    assert ready_before(TRAIL, at(104)) == 0.0


def test_what_was_told_before_the_last_look_is_not_told_again() -> None:
    """A wrap-up of no seconds, and the state after it, may bear one moment."""
    trail = [("wrapping", at(90)), ("ready", at(90)), ("connecting", at(95))]
    assert wrap_ups(own_span(trail, "ready", at(90))) == []
    assert own_span(TRAIL, "wrapping", at(90)) == TRAIL[1:]
    assert own_span(TRAIL[2:], "wrapping", at(90)) == [("wrapping", at(90)), *TRAIL[2:]]
