"""What is counted while calls end is what a recount of the attempts finds, whatever happened to them."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import delete, func, select, update

from orchestrator.domain.attempt import Outcome
from orchestrator.domain.quarters import next_quarter, quarter_at
from orchestrator.persistence import call_counts
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.pacing import call_counts as table
from tests.integration.budget.calls import Calls
from tests.world import NOON, World

BUSY_DAY = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
MARKING = some.tuples(some.just("mark"), some.integers(0, 30))
CALL = some.tuples(
    some.sampled_from(["US", "GB", "CA"]),
    some.sampled_from(["predictive", "progressive", "preview"]),
    some.booleans(),  # joined with an agent
    some.booleans(),  # abandoned
    some.sampled_from([None, "human", "machine", "unknown"]),
    some.sampled_from([None, *(outcome for outcome in Outcome if outcome.value[:2] not in {"se", "de", "un"})]),
    some.integers(-3600, 3600),  # planned so many seconds from noon
)


def facts_of(joined: bool, abandoned: bool, answered_by: str | None) -> dict[str, Any]:
    moments = {"connected_at": NOON if joined else None, "abandoned_at": NOON if abandoned and not joined else None}
    return {**moments, "answered_by": answered_by}


def act(calls: Calls, made: list[Any], deed: Any) -> None:
    if deed[0] == "mark":
        if made:
            mark(calls, made[deed[1] % len(made)])
        return
    country, mode, joined, abandoned, answered_by, outcome, seconds = deed
    at = NOON + timedelta(seconds=seconds)
    call = calls.open(at=at, country=country, mode=mode, **facts_of(joined, abandoned, answered_by))
    if outcome is not None:
        assert calls.end(call, outcome)
        assert not calls.end(call, Outcome.BUSY)
    made.append(call)


def mark(calls: Calls, call: Any) -> None:
    with calls.world.store.write() as tx, call_counts.recounting(tx, call):
        tx.execute(update(attempts).where(attempts.c.id == call).values(marked_machine=True))


def brute(calls: Calls) -> tuple[int, ...]:
    """The same numbers by reading every call, in plain Python."""
    rows = [row for row in calls.world.attempts() if row.campaign_id == calls.campaign_id]
    is_machine = [row.answered_by in {"machine", "fax"} for row in rows]
    human = sum(
        row.connected_at is not None or (row.abandoned_at is not None and not machine)
        for row, machine in zip(rows, is_machine, strict=True)
    )
    lost = sum(row.abandoned_at is not None and not machine for row, machine in zip(rows, is_machine, strict=True))
    marked = sum(
        row.connected_at is not None and (row.marked_machine or machine)
        for row, machine in zip(rows, is_machine, strict=True)
    )
    joined = sum(row.connected_at is not None for row in rows)
    detected = sum(machine or row.outcome in {"machine", "fax"} for row, machine in zip(rows, is_machine, strict=True))
    return len(rows), human, joined, lost, marked, detected


@BUSY_DAY
@given(deeds=some.lists(some.one_of(CALL, MARKING), max_size=25))
def test_counts_kept_while_calls_end_are_those_of_a_recount(world: World, deeds: list[Any]) -> None:
    calls = Calls(world, world.a_campaign(f"Campaign {world.count(attempts)} {id(deeds)}"))
    made: list[Any] = []
    for deed in deeds:
        act(calls, made, deed)
    start = quarter_at(NOON - timedelta(hours=1))
    with world.store.read() as tx:
        every = [
            *call_counts.since(tx, calls.campaign_id, start),
            *call_counts.in_flight(tx, calls.campaign_id, start),
        ]
    names = tuple(call_counts.MEASURES)
    assert tuple(sum(getattr(one, name) for one in every) for name in names) == brute(calls)
    assert call_counts.correct(world.store, calls.campaign_id, start, NOON + timedelta(hours=2)) == []


def test_a_call_belongs_to_the_quarter_in_which_it_was_planned(world: World) -> None:
    calls = Calls(world, world.a_campaign())
    quarter = NOON + timedelta(minutes=15)
    calls.many(1, "reached", at=quarter - timedelta(microseconds=1))
    calls.many(2, "reached", at=quarter)
    with world.store.read() as tx:
        rows = call_counts.by_quarter(tx, calls.campaign_id, NOON, NOON + timedelta(hours=1))
        later = call_counts.since(tx, calls.campaign_id, quarter)
    assert [(row.quarter_at, row.calls) for row in rows] == [(NOON, 1), (quarter, 2)]
    assert [one.calls for one in later] == [2]


@pytest.mark.parametrize("damage", ["lost", "doubled"])
def test_a_recount_mends_what_is_wrong_and_says_which_quarter(world: World, damage: str) -> None:
    calls = Calls(world, world.a_campaign())
    calls.many(2, "reached")
    calls.many(1, "abandoned", at=NOON + timedelta(minutes=20))
    with world.store.write() as tx:
        here = (table.c.campaign_id == calls.campaign_id) & (table.c.quarter_at == NOON)
        tx.execute(delete(table).where(here) if damage == "lost" else update(table).where(here).values(human=99))
    start, end = NOON, NOON + timedelta(hours=1)
    assert call_counts.correct(world.store, calls.campaign_id, start, end) == [NOON]
    assert call_counts.correct(world.store, calls.campaign_id, start, end) == []
    with world.store.read() as tx:
        found = {one.outcome: one.human for one in call_counts.since(tx, calls.campaign_id, start)}
    assert found == {"reached": 2, "abandoned": 1}


def test_a_call_that_fails_to_end_leaves_no_count(world: World) -> None:
    calls = Calls(world, world.a_campaign())
    call = calls.open()

    class KilledError(Exception):
        pass

    def end_and_die() -> None:
        with world.store.write() as tx:
            tx.execute(update(attempts).where(attempts.c.id == call).values(stage="ended", outcome="busy"))
            call_counts.add(tx, call)
            raise KilledError

    with pytest.raises(KilledError):
        end_and_die()
    with world.store.read() as tx:
        assert tx.execute(select(func.count()).select_from(table)).scalar_one() == 0


@pytest.mark.parametrize(("seconds", "quarter"), [(0, 0), (899, 0), (900, 900), (1799.999999, 900), (-0.000001, -900)])
def test_a_quarter_begins_with_its_first_moment(seconds: float, quarter: float) -> None:
    moment = NOON + timedelta(seconds=seconds)
    assert quarter_at(moment) == NOON + timedelta(seconds=quarter)
    assert next_quarter(moment) == NOON + timedelta(seconds=quarter + 900)
