"""The abandonment budget is counted in calls: every predictive call in the air counts as lost."""

from collections import Counter
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
    ("live", "abandoned", "in_air", "placing", "mode"),
    [
        (0, 0, 0, 0, Mode.PROGRESSIVE),
        (33, 0, 0, 0, Mode.PROGRESSIVE),
        (34, 0, 0, 0, Mode.PREDICTIVE),
        (34, 0, 1, 0, Mode.PROGRESSIVE),
        (34, 0, 0, 1, Mode.PROGRESSIVE),
        (68, 0, 1, 0, Mode.PREDICTIVE),
        (68, 1, 1, 0, Mode.PROGRESSIVE),
        (1000, 26, 2, 0, Mode.PREDICTIVE),
        (1000, 26, 2, 1, Mode.PROGRESSIVE),
    ],
)
def test_a_call_is_dialled_predictively_only_if_losing_all_in_the_air_would_keep_the_limit(
    world: World, live: int, abandoned: int, in_air: int, placing: int, mode: Mode
) -> None:
    campaign = world.a_campaign()
    with world.store.read() as tx:
        desk = world.dispatcher.desk(tx, world.campaign(campaign), [], world.now)
    counts = AbandonmentCounts(live_answered=live, abandoned=abandoned)
    desk = replace(desk, abandonment=lambda _country: Exposure(counts, in_air), placing=Counter({"US": placing}))
    assert served(desk, "US", PREDICTIVE).mode is mode


def test_a_no_ends_what_waits_in_every_campaign_of_the_seller_at_once(world: World) -> None:
    first, second = world.a_campaign("First"), world.a_campaign("Second")
    person, other = world.a_contact(numbers(1)), world.a_contact(numbers(2)[1:])
    world.enrol(first, person, other)
    world.enrol(second, person)
    with world.store.write() as tx:
        assert suppress(tx, "acme", world.store.keyring.number_key(numbers(1)[0]), world.now) == 2
    assert world.enrollment(other).stage == EnrollmentStage.DUE
