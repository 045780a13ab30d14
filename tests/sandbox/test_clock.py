"""The world's clock, and what happens on it."""

import time
from datetime import datetime
from functools import partial

import pytest
import time_machine

from sandbox.agenda import Agenda
from sandbox.clock import WorldClock, iso, parse_clock, rfc2822
from sandbox.errors import SandboxError
from tests.sandbox.conftest import START
from tests.sandbox.receiver import eventually

CLOCK = "2026-11-23T15:00:00Z x30 @2026-11-22T02:00:00Z"


@pytest.mark.parametrize(
    ("real", "world"),
    [
        ("2026-11-22T01:00:00+00:00", "2026-11-23T15:00:00.000+00:00"),
        ("2026-11-22T02:00:00+00:00", "2026-11-23T15:00:00.000+00:00"),
        ("2026-11-22T02:00:10+00:00", "2026-11-23T15:05:00.000+00:00"),
        ("2026-11-22T04:00:00+00:00", "2026-11-26T03:00:00.000+00:00"),
    ],
)
def test_the_clock_stands_until_its_anchor_and_then_runs_fast(real: str, world: str) -> None:
    with time_machine.travel(datetime.fromisoformat(real), tick=False):
        assert iso(parse_clock(CLOCK).now()) == world


def test_offsets_and_broken_speeds_are_read() -> None:
    clock = parse_clock("2026-11-23T10:00:00-05:00 x2.5 @2026-11-22T02:00:00+00:00")
    assert (iso(clock.start), clock.speed) == ("2026-11-23T15:00:00.000+00:00", 2.5)


@pytest.mark.parametrize("absent", [None, "", "  "])
def test_without_a_setting_it_is_the_systems_time(absent: str | None) -> None:
    with time_machine.travel(START, tick=False):
        assert parse_clock(absent).now() == time.time()


@pytest.mark.parametrize(
    "wrong",
    [
        "2026-11-23T15:00:00Z",
        "2026-11-23T15:00:00Z x0 @2026-11-22T02:00:00Z",
        "2026-11-23T15:00:00 x30 @2026-11-22T02:00:00Z",
        "tomorrow x30 @2026-11-22T02:00:00Z",
        "2026-11-23T15:00:00Z x30 2026-11-22T02:00:00Z",
    ],
)
def test_a_setting_that_cannot_be_read_is_refused_by_its_name(wrong: str) -> None:
    with pytest.raises(SandboxError, match="ORCHESTRATOR_CLOCK"):
        parse_clock(wrong)


def test_moments_are_written_as_twilio_writes_them() -> None:
    assert rfc2822(datetime.fromisoformat("2026-11-23T15:00:00+00:00").timestamp()) == "Mon, 23 Nov 2026 15:00:00 +0000"


def test_entries_run_in_the_order_of_their_moments_and_cancelled_ones_never() -> None:
    agenda = Agenda(WorldClock(START, 3_600, time.time()))
    done: list[str] = []
    agenda.later(120, partial(done.append, "third"))
    agenda.later(60, partial(done.append, "first"))
    cancelled = agenda.later(80, partial(done.append, "never"))
    agenda.later(90, partial(done.append, "second"))
    cancelled.cancel()
    agenda.start()
    eventually(lambda: len(done) == 3)
    agenda.stop()
    assert done == ["first", "second", "third"]


def test_an_entry_that_fails_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    agenda = Agenda(WorldClock(START, 3_600, time.time()))
    done: list[str] = []
    agenda.later(1, lambda: done.append(str(1 // 0)))
    agenda.later(2, partial(done.append, "after"))
    agenda.start()
    eventually(lambda: done == ["after"])
    agenda.stop()
    assert "entry_failed" in caplog.text


def test_many_cancelled_entries_leave_the_memory() -> None:
    agenda = Agenda(WorldClock())
    entries = [agenda.later(9_999, agenda.start) for _ in range(5_000)]
    for entry in entries[:4_000]:
        entry.cancel()
    assert agenda.waiting() < 3_000
