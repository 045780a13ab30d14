"""Which regime a campaign is paced by, what outlives a restart, and why so many calls were placed."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.carrier import Carrier
from orchestrator.pacing.predictive import PredictivePacer
from orchestrator.pacing.snapshot import PacingSnapshot
from orchestrator.persistence import pacer_memory
from orchestrator.persistence.store import Store
from orchestrator.pipeline.pacing_desk import PacingDesk
from tests.integration.budget.calls import Calls
from tests.world import NOON, World, numbers


@pytest.fixture
def world(store: Store, carrier: Carrier, law: Rulebook) -> World:
    return World(store, carrier, rulebook=law)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, PacingSnapshot, Any]]:
    """What pacers were asked: the second of the shift, the snapshot, and their config."""
    asked: list[tuple[float, PacingSnapshot, Any]] = []
    decide = PredictivePacer.decide

    def listening(pacer: PredictivePacer, now: float, snapshot: PacingSnapshot) -> int:
        asked.append((now, snapshot, pacer.config))
        return decide(pacer, now, snapshot)

    monkeypatch.setattr(PredictivePacer, "decide", listening)
    return asked


def lines(world: World, campaign: int, seconds: float = 0, desk: PacingDesk | None = None) -> int:
    now = NOON + timedelta(seconds=seconds)
    return (desk or world.pacing).lines(world.campaign(campaign), now, world.dispatcher.abandonment)


def both_due(world: World, campaign: int) -> Calls:
    people = [world.a_contact(numbers(1)), world.a_contact(["+442079460123"], country="GB", region=None)]
    world.enrol(campaign, *people)
    return Calls(world, campaign)


def test_the_regime_with_the_least_budget_is_paced_by(world: World, heard: list[Any]) -> None:
    campaign = world.a_campaign()
    calls = both_due(world, campaign)
    calls.many(100, "reached", country="US")
    calls.many(50, "reached", country="GB")
    lines(world, campaign)
    assert heard[-1][1].totals.human == 50
    calls.many(2, "abandoned", country="US")
    lines(world, campaign, 1)
    assert (heard[-1][1].totals.human, heard[-1][1].totals.abandoned) == (102, 2)


def test_a_regime_without_budget_is_not_paced_by_as_long_as_another_has_some(world: World, heard: list[Any]) -> None:
    campaign = world.a_campaign()
    calls = both_due(world, campaign)
    calls.many(100, "reached", country="US")
    calls.many(50, "reached", country="GB")
    calls.many(1, "abandoned", country="GB")
    lines(world, campaign)
    assert heard[-1][1].totals.human == 100


def test_a_regime_with_nobody_due_holds_nobody_back(world: World, heard: list[Any]) -> None:
    campaign = world.a_campaign()
    world.enrol(campaign, world.a_contact(numbers(1)))
    calls = Calls(world, campaign)
    calls.many(100, "reached", country="US")
    calls.many(40, "reached", country="GB")
    lines(world, campaign)
    assert heard[-1][1].totals.human == 100


def test_what_was_learnt_outlives_a_restart_and_the_shift_goes_on(
    world: World, heard: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = world.a_campaign()
    calls = both_due(world, campaign)
    lines(world, campaign)
    calls.many(40, "reached", at=NOON + timedelta(seconds=4))
    lines(world, campaign, 5)
    learnt = memory(world, campaign)
    restored: list[Any] = []
    restore = PredictivePacer.restore

    def listening(config: Any, state: Any, policy: Any) -> PredictivePacer:
        restored.append(state)
        return restore(config, state, policy)

    monkeypatch.setattr(PredictivePacer, "restore", listening)
    other = PacingDesk(world.engine)
    lines(world, campaign, 6, other)
    assert restored[0] == learnt.state
    assert heard[-1][0] == 6.0
    lines(world, campaign, 11, other)
    assert memory(world, campaign).shift_began_at == learnt.shift_began_at == NOON


def test_a_kill_between_two_saves_loses_learning_and_no_budget(world: World, heard: list[Any]) -> None:
    campaign = world.a_campaign()
    world.enrol(campaign, world.a_contact(numbers(1)))
    calls = Calls(world, campaign)
    lines(world, campaign)
    lines(world, campaign, 5)
    calls.many(3, "abandoned", at=NOON + timedelta(seconds=5.5))
    lines(world, campaign, 6)  # heard, and not saved before the kill
    told = len(heard[-1][1].events)
    lines(world, campaign, 7, PacingDesk(world.engine))
    assert told == 9  # each was answered, a person, and lost
    assert heard[-1][1].events == ()
    assert heard[-1][1].totals.abandoned == 3


def test_a_new_day_is_a_new_shift(world: World, heard: list[Any]) -> None:
    campaign = world.a_campaign()
    lines(world, campaign)
    lines(world, campaign, 4 * 3600 - 1)
    assert heard[-1][0] == 4 * 3600 - 1
    lines(world, campaign, 8 * 3600 - 1)
    assert heard[-1][0] == 0.0


def test_the_team_is_the_most_that_were_at_work(world: World, heard: list[Any]) -> None:
    campaign = world.a_campaign()
    for agent in ("a", "b", "c"):
        world.an_agent(agent)
    lines(world, campaign)
    assert heard[-1][2].agents == 3


@pytest.mark.parametrize(
    ("changes", "shift"),
    [
        ({}, None),
        ({"ends_at": NOON + timedelta(hours=2)}, 7200.0),
        ({"ends_at": NOON + timedelta(days=2)}, None),
        # until 20:00 of the country's last clock, which is American Samoa's: whoever is due may be there
        ({"hours": {"mon": ((time(9), time(20)),)}}, 14 * 3600.0),
    ],
)
def test_the_shift_ends_with_the_campaigns_hours(
    world: World, heard: list[Any], changes: dict[str, Any], shift: float | None
) -> None:
    campaign = world.a_campaign(**changes)
    world.enrol(campaign, world.a_contact(numbers(1)))
    lines(world, campaign)
    assert heard[-1][2].shift_seconds == shift


def test_reasons_are_kept_for_hours_and_no_longer(world: World) -> None:
    campaign = world.a_campaign()
    world.an_agent()
    assert lines(world, campaign) == 1
    assert lines(world, campaign, 5) == 1
    reasons = given(world, campaign)
    assert [(one.at, one.reason.calls, one.reason.ready) for one in reasons] == [
        (NOON + timedelta(seconds=5), 1, 1),
        (NOON, 1, 1),
    ]
    assert reasons[0].regime == "US: us.fcc.abandonment"
    assert reasons[0].reason.words().startswith("1 call: 1 agent ready, 0 ringing")
    assert reasons[0].reason.limit == "the budget: agents are reserved"
    lines(world, campaign, 12 * 3600 + 6)
    lines(world, campaign, 12 * 3600 + 12)
    assert NOON not in {one.at for one in given(world, campaign)}


def test_nothing_to_do_is_said_once_a_minute(world: World) -> None:
    campaign = world.a_campaign()
    for second in range(0, 125, 5):
        assert lines(world, campaign, second) == 0
    assert [one.at for one in given(world, campaign)] == [NOON + timedelta(seconds=s) for s in (120, 60, 0)]


def test_a_state_that_cannot_be_read_is_learnt_anew(world: World, heard: list[Any]) -> None:
    campaign = world.a_campaign()
    lines(world, campaign)
    lines(world, campaign, 5)
    with world.store.write() as tx:
        tx.exec_driver_sql("UPDATE pacer_states SET state = '[3]'")
    lines(world, campaign, 6, PacingDesk(world.engine))
    assert heard[-1][0] == 0.0


def memory(world: World, campaign: int) -> pacer_memory.PacerMemory:
    with world.store.read() as tx:
        found = pacer_memory.load(tx, campaign)
    assert found is not None
    return found


def given(world: World, campaign: int) -> list[pacer_memory.Given]:
    with world.store.read() as tx:
        return pacer_memory.given(tx, campaign, datetime(2026, 1, 1, tzinfo=UTC), 100)
