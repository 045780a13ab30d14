"""A text is good for the seconds that are left in the narrowest window of wherever the person may be, and no longer."""

from datetime import UTC, datetime, timedelta

import pytest

from orchestrator.clock import Clock
from orchestrator.domain.carrier import MessageOrder
from orchestrator.domain.contact_request import LineType
from orchestrator.domain.enrollment import Lane
from orchestrator.pipeline.placement import Placer
from tests.integration.texts.builders import NEW_YORK, a_text_campaign
from tests.world import World, numbers

NINE_IN_NEW_YORK = datetime(2026, 11, 24, 2, tzinfo=UTC)  # the window of the tests' law closes
PANHANDLE = "+18505550101"  # Florida on two clocks: what is ten there may be nine


def orders(world: World) -> list[MessageOrder]:
    return list(world.carrier.orders.values())  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("left", "validity"),
    [
        (timedelta(hours=4, seconds=1), 14400),
        (timedelta(hours=4), 14400),
        (timedelta(hours=4) - timedelta(seconds=1), 14399),
        (timedelta(seconds=11), 11),
        (timedelta(seconds=10), 10),
        (timedelta(seconds=9), None),
        (timedelta(seconds=1), None),
        (timedelta(0), None),
    ],
)
def test_a_text_is_good_for_what_is_left_of_the_window(
    sqlite_world: World, left: timedelta, validity: int | None
) -> None:
    world = sqlite_world
    world.now = NINE_IN_NEW_YORK - left
    campaign = a_text_campaign(world, NEW_YORK)
    person = world.a_contact(numbers(1), line_type=LineType.MOBILE, texts=True)
    world.enrol(campaign, person, lane=Lane.SMS)
    world.dispatch(campaign, Lane.SMS)
    assert [order.validity_seconds for order in orders(world)] == ([] if validity is None else [validity])
    if validity is None:
        assert world.enrollment(person).next_eligible_at >= NINE_IN_NEW_YORK


@pytest.mark.parametrize("left", [600, 10])
def test_of_two_zones_the_one_that_closes_first_counts(sqlite_world: World, left: int) -> None:
    world = sqlite_world
    world.now = NINE_IN_NEW_YORK - timedelta(seconds=left)  # an hour more in Chicago
    campaign = a_text_campaign(world, NEW_YORK)
    person = world.a_contact([PANHANDLE], line_type=LineType.MOBILE, texts=True, region="FL")
    world.enrol(campaign, person, lane=Lane.SMS)
    world.dispatch(campaign, Lane.SMS)
    assert [order.validity_seconds for order in orders(world)] == [left]


@pytest.mark.parametrize(("waited", "validity"), [(0, 30), (12, 18), (29, 1), (30, None), (31, None)])
def test_a_text_that_waited_for_a_thread_is_good_for_less(
    sqlite_world: World, waited: int, validity: int | None
) -> None:
    world = sqlite_world
    world.now = NINE_IN_NEW_YORK - timedelta(seconds=30)
    campaign = a_text_campaign(world, NEW_YORK)
    person = world.a_contact(numbers(1), line_type=LineType.MOBILE, texts=True)
    world.enrol(campaign, person, lane=Lane.SMS)
    later = _Later(world, timedelta(seconds=waited))
    world.placer.close()
    world.placer = Placer(world.store, lambda: world.carrier, later, world.waits, threads=1)
    object.__setattr__(world.dispatcher, "placer", world.placer)
    world.dispatch(campaign, Lane.SMS)
    assert [order.validity_seconds for order in orders(world)] == ([] if validity is None else [validity])
    assert [attempt.outcome for attempt in world.attempts()] == [None if validity else "never_sent"]


class _Later(Clock):
    """The world's clock as an order finds it that has waited."""

    def __init__(self, world: World, waited: timedelta) -> None:
        for name, value in {"start": None, "speed": 1.0, "anchor": None, "told": (world, waited)}.items():
            object.__setattr__(self, name, value)

    def now(self) -> datetime:
        world, waited = self.told  # type: ignore[attr-defined]
        return world.now + waited  # type: ignore[no-any-return]
