"""The budget of abandoned calls is counted in whole calls: where not one more may be lost, an agent is reserved."""

from dataclasses import replace

import pytest

from orchestrator.domain.contact_request import AbandonmentCounts, Channel, Mode
from orchestrator.domain.enrollment import EnrollmentStage, Lane
from orchestrator.persistence.enrollments import suppress
from orchestrator.pipeline.abandonment import Exposure
from orchestrator.pipeline.asking import served
from orchestrator.strategies.state import Option
from tests.world import World, numbers

PREDICTIVE = Option(
    key=b"k",
    number="+12125550107",
    channel=Channel.VOICE,
    mode=Mode.PREDICTIVE,
    lane=Lane.PREDICTIVE,
    patience_seconds=0,
)


@pytest.mark.parametrize(
    ("left", "mode", "lane"),
    [
        (-3.0, Mode.PROGRESSIVE, Lane.PROGRESSIVE),
        (0.0, Mode.PROGRESSIVE, Lane.PROGRESSIVE),
        (0.99, Mode.PROGRESSIVE, Lane.PROGRESSIVE),
        (1.0, Mode.PREDICTIVE, Lane.PREDICTIVE),
        (20.5, Mode.PREDICTIVE, Lane.PREDICTIVE),
    ],
)
def test_without_a_whole_call_left_an_agent_is_reserved(world: World, left: float, mode: Mode, lane: Lane) -> None:
    campaign = world.a_campaign()
    with world.store.read() as tx:
        desk = world.dispatcher.desk(tx, world.campaign(campaign), [], world.now)
    counts = AbandonmentCounts(live_answered=0, abandoned=0)
    desk = replace(desk, abandonment=lambda _country: Exposure(counts, left))
    assert (served(desk, "US", PREDICTIVE).mode, served(desk, "US", PREDICTIVE).lane) == (mode, lane)


def test_where_agents_are_reserved_for_the_lane_nobody_leaves_it(world: World) -> None:
    campaign = world.a_campaign()
    with world.store.read() as tx:
        desk = world.dispatcher.desk(tx, world.campaign(campaign), [], world.now)
    desk = replace(desk, reserved=True)
    assert (served(desk, "US", PREDICTIVE).mode, served(desk, "US", PREDICTIVE).lane) == (
        Mode.PROGRESSIVE,
        Lane.PREDICTIVE,
    )


def test_a_no_ends_what_waits_in_every_campaign_of_the_seller_at_once(world: World) -> None:
    first, second = world.a_campaign("First"), world.a_campaign("Second")
    person, other = world.a_contact(numbers(1)), world.a_contact(numbers(2)[1:])
    world.enrol(first, person, other)
    world.enrol(second, person)
    with world.store.write() as tx:
        assert suppress(tx, "acme", world.store.keyring.number_key(numbers(1)[0]), world.now) == 2
    assert world.enrollment(other).stage == EnrollmentStage.DUE
